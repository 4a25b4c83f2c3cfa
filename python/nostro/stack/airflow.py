class Airflow:
    def __init__(self, *a):
        pass

    def launch(self, w):
        pass

    def ask_to_stop(self):
        pass

    def stop(self):
        pass

    def status(self):
        from nostro.stack.status import PartStatus

        return PartStatus("stopped")

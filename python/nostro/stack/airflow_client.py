class AirflowClient:
    pass

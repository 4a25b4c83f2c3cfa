def prompt(home, runner):
    pass

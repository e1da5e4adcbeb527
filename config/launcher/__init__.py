"""`./lampa`: one command to run, test or manage Lampa on a bare machine.

Nothing but the standard library is imported, because this is what makes the environment the rest
needs. Nothing here knows Django; it prepares an environment and starts processes.
"""

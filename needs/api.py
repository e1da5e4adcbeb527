"""Routes of the app."""

routes: list = []

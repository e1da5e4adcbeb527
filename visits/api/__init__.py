"""REST of contacts, agreements and reviews."""

from visits.api import agreements, figures, hooks, reviews, risks, visits

routes = [
    *visits.routes,
    *agreements.routes,
    *reviews.routes,
    *risks.routes,
    *figures.routes,
    *hooks.routes,
]

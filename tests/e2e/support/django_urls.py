"""The addresses of the site in test_libraries.py: those of the libraries, and a page that says who is signed in."""

from django.http import HttpResponse
from django.urls import include, path

urlpatterns = [
    path("oidc/", include("mozilla_django_oidc.urls")),
    path("", include("social_django.urls", namespace="social")),
    path("accounts/", include("allauth.urls")),
    path("", lambda request: HttpResponse(getattr(request.user, "email", ""))),
]

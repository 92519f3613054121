"""One page: the version of Django that serves it."""

import django
from django.http import HttpResponse
from django.urls import path

urlpatterns = [path("", lambda request: HttpResponse(django.get_version()))]

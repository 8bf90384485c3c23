"""A peer: Django REST framework with django-cacheops, over the same tables and with the same tokens.

It needs an environment of its own (`benchmarks/requirements.txt`), so nothing of Lectern is imported here. The query is
cached as cacheops recommends for querysets (`cache()` with all operations), the serializers run for each answer.
"""

from __future__ import annotations

import hmac
import os
from typing import Any

import django
import jwt
from django.conf import settings

settings.configure(
    SECRET_KEY=os.environ["SECRET_KEY"],
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    INSTALLED_APPS=["rest_framework", "cacheops", "benchmarks.peers.drf"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": os.environ["DATABASE_URL"].removeprefix("sqlite:///"),
        }
    },
    CACHEOPS_REDIS=os.environ["REDIS_URL"],
    CACHEOPS={"*.*": {"ops": "all", "timeout": 600}},
    REST_FRAMEWORK={
        "UNAUTHENTICATED_USER": None,
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    },
)
django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.urls import path  # noqa: E402
from rest_framework import authentication, exceptions, permissions, serializers, views  # noqa: E402
from rest_framework.response import Response  # noqa: E402

from benchmarks.peers.drf.models import Booking, Gig, SignIn, User  # noqa: E402

KEY = hmac.digest(os.environ["SECRET_KEY"].encode(), b"lectern access and refresh tokens", "sha256")


class _Person(serializers.ModelSerializer):
    class Meta:
        model, fields = User, ["id", "name"]


class _Gig(serializers.ModelSerializer):
    class Meta:
        model, fields = Gig, ["id", "title"]


class _Booking(serializers.ModelSerializer):
    gig = _Gig()
    student = _Person()
    teacher = _Person()

    class Meta:
        model = Booking
        fields = ["id", "status", "starts_at", "ends_at", "note", "price_cents", "currency", "created_at", "updated_at"]
        fields += ["gig", "student", "teacher"]


class Tokens(authentication.BaseAuthentication):
    """The same tokens, and the same question: does this sign-in still count?"""

    def authenticate(self, request: Any) -> Any:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        try:
            claims = jwt.decode(token, KEY, ["HS256"])
        except jwt.InvalidTokenError:
            raise exceptions.AuthenticationFailed from None
        sign_in = SignIn.objects.select_related("user").get(id=claims["sid"])
        if sign_in.revoked_at or not sign_in.user.active:
            raise exceptions.AuthenticationFailed
        return sign_in.user, claims["role"]


class Bookings(views.APIView):
    authentication_classes = [Tokens]
    permission_classes = [permissions.IsAuthenticated]

    def get(self, request: Any) -> Response:
        side = "teacher" if request.auth == "teacher" else "student"
        found = Booking.objects.filter(**{side: request.user}).select_related("gig", "student", "teacher")
        rows = list(found.order_by("-starts_at", "-id")[:21])[:20]
        return Response({"data": _Booking(rows, many=True).data, "next_cursor": None, "cached": True})


urlpatterns = [path("api/bookings", Bookings.as_view())]
app = get_wsgi_application()

"""A peer: Django REST framework with django-cacheops, over the same tables and with the same tokens.

It needs an environment of its own (`benchmarks/requirements.txt`), so nothing of Lectern is imported here. The query is
cached as cacheops recommends for querysets (`cache()` with all operations), the serializers run for each answer, and
whatever is saved invalidates by itself. Rules of booking are not followed: that makes its changes cheaper than ours.
"""

from __future__ import annotations

import hmac
import os
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import django
import jwt
from django.conf import settings


def database(url: str) -> dict[str, Any]:
    """Say in Django's words where the database is."""
    if url.startswith("sqlite:///"):
        options = {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": "PRAGMA journal_mode=WAL"}
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": url.removeprefix("sqlite:///"), "OPTIONS": options}
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.strip("/"),
        "USER": parts.username or "",
        "PASSWORD": parts.password or "",
        "HOST": dict(parse_qsl(parts.query)).get("host") or unquote(parts.hostname or ""),
        "PORT": parts.port or "",
        "CONN_MAX_AGE": None,
    }


settings.configure(
    SECRET_KEY=os.environ["SECRET_KEY"],
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    INSTALLED_APPS=["rest_framework", "cacheops", "benchmarks.peers.drf"],
    DATABASES={"default": database(os.environ["DATABASE_URL"])},
    CACHEOPS_REDIS=os.environ["REDIS_URL"],
    CACHEOPS={"*.*": {"ops": "all", "timeout": 600}},
    REST_FRAMEWORK={
        "UNAUTHENTICATED_USER": None,
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    },
)
django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import transaction  # noqa: E402
from django.urls import path  # noqa: E402
from django.utils.dateparse import parse_datetime  # noqa: E402
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


class _View(views.APIView):
    authentication_classes = [Tokens]
    permission_classes = [permissions.IsAuthenticated]


class Bookings(_View):
    def get(self, request: Any) -> Response:
        side = "teacher" if request.auth == "teacher" else "student"
        found = Booking.objects.filter(**{side: request.user}).select_related("gig", "student", "teacher")
        if statuses := request.query_params.getlist("status"):
            found = found.filter(status__in=statuses)
        limit = int(request.query_params.get("limit", 20))
        rows = list(found.order_by("-starts_at", "-id")[: limit + 1])[:limit]
        return Response({"data": _Booking(rows, many=True).data, "next_cursor": None})

    def post(self, request: Any) -> Response:
        with transaction.atomic():
            gig = Gig.objects.get(id=request.data["gig_id"])
            starts_at = parse_datetime(request.data["starts_at"])
            booking = Booking.objects.create(
                gig=gig,
                student=request.user,
                teacher_id=gig.teacher_id,
                starts_at=starts_at,
                ends_at=starts_at + timedelta(minutes=gig.duration_minutes),
                price_cents=gig.price_cents,
                currency=gig.currency,
            )
        return Response(_Booking(booking).data, 201)


class OneBooking(_View):
    def patch(self, request: Any, booking_id: int) -> Response:
        with transaction.atomic():
            booking = Booking.objects.nocache().get(id=booking_id, teacher=request.user)
            booking.status = request.data["status"]
            booking.save()
        return Response(_Booking(booking).data)


urlpatterns = [path("api/bookings", Bookings.as_view()), path("api/bookings/<int:booking_id>", OneBooking.as_view())]
app = get_wsgi_application()

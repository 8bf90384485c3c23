"""Lectern's tables, as far as the list of lessons needs them."""

from __future__ import annotations

from django.db import models


class User(models.Model):
    name = models.TextField()
    active = models.BooleanField()
    is_authenticated = True

    class Meta:
        db_table, managed = "users", False


class SignIn(models.Model):
    user = models.ForeignKey(User, models.CASCADE)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table, managed = "sign_ins", False


class Gig(models.Model):
    title = models.TextField()
    price_cents = models.IntegerField()
    currency = models.TextField()
    duration_minutes = models.IntegerField()
    teacher = models.ForeignKey(User, models.CASCADE)

    class Meta:
        db_table, managed = "gigs", False


class Booking(models.Model):
    status = models.TextField(default="pending")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    note = models.TextField(default="")
    price_cents = models.IntegerField()
    currency = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    requested_by = models.TextField(default="student")
    seat = models.IntegerField(default=1)
    free_cancellation_hours = models.IntegerField(default=0)
    late_cancellation_percent = models.IntegerField(default=0)
    gig = models.ForeignKey(Gig, models.CASCADE)
    student = models.ForeignKey(User, models.CASCADE, related_name="booked")
    teacher = models.ForeignKey(User, models.CASCADE, related_name="taught")

    class Meta:
        db_table, managed = "bookings", False

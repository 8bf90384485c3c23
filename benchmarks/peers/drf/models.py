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

    class Meta:
        db_table, managed = "gigs", False


class Booking(models.Model):
    status = models.TextField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    note = models.TextField()
    price_cents = models.IntegerField()
    currency = models.TextField()
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    gig = models.ForeignKey(Gig, models.CASCADE)
    student = models.ForeignKey(User, models.CASCADE, related_name="booked")
    teacher = models.ForeignKey(User, models.CASCADE, related_name="taught")

    class Meta:
        db_table, managed = "bookings", False

"""Pages of payments: what is open, what is to be checked, one payment, how to pay."""

from __future__ import annotations

from collections.abc import Mapping

from flask import flash, redirect, render_template, request, url_for

from accounts.models import Role
from accounts.rights import STAFF
from accounts.sign_in.identity import Who, own_answers, require_viewer
from caching import BoundRead
from errors import Busy, Conflict, Invalid, LecternError, NotFound, TooManyAttempts, UnsupportedMediaType
from jsontext import JsonObject
from payments import queries, service
from payments.instructions.queries import instructions
from payments.instructions.service import say_how_to_pay
from payments.models import PaymentMethod, PaymentStatus
from payments.owing.queries import owing
from payments.packages import queries as packages
from payments.packages.models import PackageStatus
from payments.proofs import service as proofs
from payments.proofs.models import ProofType
from payments.queries import TO_CHECK, PaymentsQuery
from payments.schemas import PaymentsQuerySchema
from payments.states import KEEPERS, WORDS, Party, parties, require
from storefront.money.forms import METHODS, DecisionForm, GivenBackForm, InstructionsForm
from storefront.money.open_lessons import open_now
from web.bodies import takes_file
from web.clock import now
from web.forms import from_address
from web.pages import Page, PageBlueprint, go_back, refused
from web.ratelimits import count_file

pages = PageBlueprint("money_pages", __name__)

# What each role may look at, the first of them at first.
TABS: Mapping[str, tuple[str, ...]] = {
    Role.STUDENT: ("open",),
    Role.TEACHER: ("check", "open", "all"),
    **dict.fromkeys(STAFF, ("check", "all")),
}


@pages.app_context_processor
def _words() -> JsonObject:
    """Let templates say how money came, and where a payment stands."""
    return {"payment_methods": METHODS | {PaymentMethod.CREDIT: "Credit"}, "payment_words": WORDS}


@pages.get("/payments")
def mine() -> str:
    """Show what is open, what is to be checked, or all payments."""
    asked: PaymentsQuery = from_address(PaymentsQuerySchema(), "cursor")
    viewer, answers = own_answers(lambda who: list(_reads(who, asked).values()))
    found = {name: answer.json() for name, answer in zip(_reads(viewer, asked), answers, strict=True)}
    at, bought = now(), found["packages"]["data"]
    return render_template(
        "payments/list.html",
        tab=_tab(viewer.role),
        tabs=TABS[viewer.role],
        to_check=found.get("check"),
        owed=open_now(found["open"]["data"], at) if "open" in found else [],
        listed=found["all"],
        packages=[it for it in bought if it["status"] == PackageStatus.ORDERED],
        surplus=[it for it in bought if it["surplus_cents"]],
    )


@pages.get("/payments/<id:payment_id>")
def show(payment_id: int) -> str:
    """Show a payment with all that was done about it."""
    return _page(payment_id)


@pages.form("/payments/<id:payment_id>/decide", of="money_pages.show")
def decide(payment_id: int) -> Page:
    """Say whether a payment has come."""
    form = DecisionForm()
    if not form.validate():
        return refused(_page(payment_id, decision_form=form))
    try:
        service.decide(payment_id, form.loaded, actor=require_viewer(), now=now())
    except Conflict as error:
        flash(error.detail, "error")
    else:
        received = form.loaded.status == PaymentStatus.VERIFIED
        flash("The payment is marked as received." if received else "The student is told that it has not come.")
    return go_back(url_for(".show", payment_id=payment_id))


@pages.form("/payments/<id:payment_id>/refund", of="money_pages.show")
def refund(payment_id: int) -> Page:
    """Note that money was given back."""
    form = GivenBackForm()
    if form.validate():
        try:
            service.refund(payment_id, form.loaded, actor=require_viewer(), now=now())
        except Conflict as error:
            form.refuse({"amount_cents": [error.detail]})
        else:
            flash("It is noted. The student is told.")
            return redirect(url_for(".show", payment_id=payment_id))
    return refused(_page(payment_id, refund_form=form))


@pages.form("/payments/<id:payment_id>/proof", of="money_pages.show")
@takes_file
def hand_in_proof(payment_id: int) -> Page:
    """Hand in a picture or a PDF that shows the payment."""
    payment, viewer, file = _shown(payment_id), require_viewer(), request.files.get("proof")
    require(parties(payment["student"]["id"], payment["teacher"]["id"], viewer), Party.STUDENT)
    if file is None or file.mimetype not in list(ProofType):
        return refused(_page(payment_id, proof_error="Choose a picture (PNG, JPEG or WebP) or a PDF."))
    try:
        count_file(viewer.id)
        proofs.keep(payment_id, file.read(), ProofType(file.mimetype), actor=viewer, now=now())
    except (Busy, Conflict, Invalid, TooManyAttempts, UnsupportedMediaType) as error:
        return refused(_page(payment_id, proof_error=_words_of(error)))
    flash("Your proof is kept. Your teacher can see it.")
    return redirect(url_for(".show", payment_id=payment_id))


@pages.route("/payments/instructions", methods=["GET", "POST"])
def how_to_pay() -> Page:
    """Let a teacher say how students pay."""
    viewer = require_viewer(Role.TEACHER)
    form = InstructionsForm(data=instructions(viewer.id).json())
    if form.validate_on_submit():
        say_how_to_pay(viewer.id, form.loaded, now=now())
        flash("It is saved. Your students see it where they pay for a lesson.")
        return redirect(url_for(".how_to_pay"))
    page = render_template("payments/instructions.html", form=form)
    return refused(page) if form.errors else page


def _tab(role: str) -> str:
    asked, known = request.args.get("tab", ""), TABS[role]
    return asked if asked in known else known[0]


def _reads(who: Who, asked: PaymentsQuery) -> dict[str, BoundRead]:
    """Name what the page reads: what waits is counted on each tab."""
    tabs = TABS[who.role]
    reads = {
        "all": queries.list_for(who.id, who.role, asked),
        "packages": packages.list_for(who.id, who.role, packages.TO_CHECK if "check" in tabs else packages.TO_PAY),
    }
    if "check" in tabs:
        reads["check"] = queries.list_for(who.id, who.role, TO_CHECK)
    if "open" in tabs:
        reads["open"] = owing.at(who.id, who.role)
    return reads


def _words_of(error: LecternError) -> str:
    """Say what is wrong with a file: an invalid one names it by its field."""
    if isinstance(error, Invalid):
        return " ".join(str(message) for messages in error.errors.values() for message in messages)
    return error.detail


def _shown(payment_id: int) -> JsonObject:
    """Return a payment as its reader sees it.

    Raises NotFound.
    """
    _, (found,) = own_answers(lambda who: [queries.payment_for(who.id, who.role, payment_id)])
    payment: JsonObject | None = found.json()
    if payment is None:
        raise NotFound
    return payment


def _page(
    payment_id: int,
    *,
    decision_form: DecisionForm | None = None,
    refund_form: GivenBackForm | None = None,
    proof_error: str = "",
) -> str:
    """Render a payment's page, with a form that may have been refused."""
    payment = _shown(payment_id)
    viewer = require_viewer()
    waits = payment["status"] == PaymentStatus.SUBMITTED
    keeps = bool(parties(payment["student"]["id"], payment["teacher"]["id"], viewer) & set(KEEPERS))
    left = payment["amount_cents"] - payment["refunded_cents"]
    return render_template(
        "payments/payment.html",
        payment=payment,
        may_refund=keeps and payment["status"] == PaymentStatus.VERIFIED and left > 0,
        may_prove=waits and viewer.id == payment["student"]["id"],
        proof_error=proof_error,
        decision_form=decision_form or DecisionForm(formdata=None),
        refund_form=refund_form or GivenBackForm(formdata=None, data={"amount": left}),
    )

"""The school's name and logo on invoices and statements."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from tests.payments.conftest import Till
from tests.support.paper import pictures_in, text_of

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_the_schools_name_and_logo_stand_on_documents_and_go_again(till: Till, form: str) -> None:
    lesson = till.lesson()
    made = till.teacher.post("/api/invoices", {"booking_ids": [lesson]}).json
    paths = (f"/api/invoices/{made['id']}/pdf", "/api/payments/statement.pdf")
    plain = [till.student.get(path).data for path in paths]
    admin, drawn = till.world.admin(), BytesIO()
    Image.new("RGB", (900, 300), "teal").save(drawn, form)
    admin.put("/api/admin/school", {"name": "Härbour Schöol"})
    logo = admin.put("/api/admin/school/logo", data=drawn.getvalue(), headers={"Content-Type": f"image/{form.lower()}"})
    assert logo.status_code == 200, logo.text

    for path in paths:
        printed = till.student.get(path).data
        assert text_of(printed)[0].count("Härbour Schöol") == 1
        assert pictures_in(printed) == [(336, 112)]
        assert till.student.get(path).data == printed

    admin.delete("/api/admin/school/logo")
    admin.put("/api/admin/school", {"name": "Lectern"})
    assert [till.student.get(path).data for path in paths] == plain


def test_a_school_that_sells_itself_is_named_once(till: Till) -> None:
    details = {"name": "Harbour School", "address": "Quay 1", "tax_id": "", "note": ""}
    till.teacher.put("/api/teachers/me/invoice-details", details)
    made = till.teacher.post("/api/invoices", {"booking_ids": [till.lesson()]}).json
    till.world.admin().put("/api/admin/school", {"name": "Harbour School"})

    page = text_of(till.student.get(f"/api/invoices/{made['id']}/pdf").data)[0]

    assert page.count("Harbour School") == 1

"""The school's logo: what it may be, where it is shown, and that it does nothing."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from werkzeug.datastructures import FileStorage

from tests.pages.visitor import Visitor
from tests.support.world import Person, World

PATH = "/api/admin/school/logo"
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def picture(form: str = "PNG", size: tuple[int, int] = (800, 600)) -> bytes:
    to, words = BytesIO(), PngInfo()
    words.add_text("Comment", "taken at home")
    Image.new("RGB", size, "teal").save(to, form, **({"pnginfo": words} if form == "PNG" else {}))
    return to.getvalue()


def put(person: Person, content: bytes, kind: str = "image/png") -> str:
    answer = person.put(PATH, data=content, headers={"Content-Type": kind})
    assert answer.status_code == 200, answer.text
    return str(answer.json["logo"])


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_a_logo_is_drawn_anew_and_served_as_a_picture_that_does_nothing(world: World, form: str) -> None:
    path = put(world.admin(), picture(form))

    answer = world.app.test_client().get(path)

    assert (answer.status_code, answer.mimetype) == (200, f"image/{form.lower()}")
    shown = Image.open(BytesIO(answer.data))
    assert (shown.size[0] * shown.size[1] <= 161_000, shown.info.get("Comment")) == (True, None)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "immutable" in answer.headers["Cache-Control"]
    known = {"If-None-Match": answer.headers["ETag"]}
    assert world.app.test_client().get(path, headers=known).status_code == 304


def test_it_stands_on_every_page_at_once_and_goes_again(world: World) -> None:
    admin, visitor = world.admin(), Visitor(world.app)
    admin.put("/api/admin/school", {"name": "Harbour School"})
    assert "<img" not in visitor.open("/sign-in").answer.text

    path = put(admin, picture())

    mark = f'<img class="logo" src="{path}" alt="Harbour School">'
    assert all(mark in visitor.open(page).answer.text for page in ("/", "/sign-in", "/gigs"))
    # Other settings leave it alone.
    assert admin.put("/api/admin/school", {"name": "Harbour School"}).json["logo"] == path
    newer = put(admin, picture(size=(50, 20)))
    assert newer != path
    assert visitor.open(path).status == 404
    assert admin.delete(PATH).status_code == 204
    assert admin.get("/api/admin/school").json["logo"] is None
    assert "<img" not in visitor.open("/sign-in").answer.text
    assert (visitor.open(newer).status, admin.delete(PATH).status_code) == (404, 404)


def test_a_school_that_has_chosen_nothing_can_have_one(world: World) -> None:
    path = put(world.admin(), picture())

    assert f'src="{path}" alt="Lectern"' in Visitor(world.app).open("/").answer.text


@pytest.mark.parametrize(
    ("content", "status"), [(SVG, 415), (b"GIF89a", 415), (b"", 415), (picture()[:60], 422), (b"\xff\xd8\xff", 422)]
)
def test_what_is_no_picture_is_refused_whatever_it_is_called(world: World, content: bytes, status: int) -> None:
    admin = world.admin()

    answer = admin.put(PATH, data=content, headers={"Content-Type": "image/png"})

    assert (answer.status_code, admin.get("/api/admin/school").json["logo"]) == (status, None)


def test_it_is_chosen_on_the_page_of_the_school(world: World) -> None:
    browser = Visitor(world.app).sign_in(world.admin()).open("/admin/school")
    token = browser.form("/admin/school/logo").values["csrf_token"]

    def send(content: bytes) -> str:
        form = {"csrf_token": token, "logo": (FileStorage(BytesIO(content), "logo.png"))}
        answer = browser.client.post("/admin/school/logo", data=form, content_type="multipart/form-data")
        return browser._follow(answer, "/admin/school/logo").answer.text

    assert "Choose a picture: PNG, JPEG or WebP." in send(SVG)
    assert browser.status == 422
    assert "Everybody sees the logo from now on." in send(picture())
    browser.send("/admin/school/logo/remove")
    assert "The logo is taken away." in browser.text

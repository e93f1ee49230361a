"""Pictures of every kind that a catalogue or a person may bring, made here with Pillow."""

import base64
import os
import struct
import zlib
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core.errors import InputError
from encoders.pictures import MAX_PIXELS, PictureError, picture_from_data_url, read_picture

RED, BLUE = (255, 0, 0), (0, 0, 255)


def file_of(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    buffer = BytesIO()
    image.save(buffer, format=kind, **options)
    return buffer.getvalue()


def huge_png(side: int) -> bytes:
    """A PNG of `side`² black pixels in a few kilobytes."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(side * (1 + (side + 7) // 8)), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def halves(mode: str, left: Any, right: Any) -> Image.Image:
    image = Image.new(mode, (40, 20), left)
    image.paste(right, (20, 0, 40, 20))
    return image


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM"])
def test_every_format_gives_the_same_picture(kind: str) -> None:
    picture = read_picture(file_of(halves("RGB", RED, BLUE), kind))
    assert (picture.mode, picture.size) == ("RGB", (40, 20))
    pixels = np.asarray(picture, dtype=int)
    assert abs(pixels[10, 5] - RED).max() <= 8
    assert abs(pixels[10, 35] - BLUE).max() <= 8


@pytest.mark.parametrize(
    ("image", "left", "right"),
    [
        (halves("L", 0, 200), 0, 200),
        (halves("1", 0, 1), 0, 255),
        (halves("I;16", 0, 51_400), 0, 200),
        (halves("LA", (0, 255), (0, 0)), 0, 255),
        (halves("RGBA", (9, 9, 9, 255), (0, 0, 0, 0)), 9, 255),
        (halves("RGBA", (0, 0, 0, 128), (0, 0, 0, 255)), 127, 0),
    ],
    ids=["grey", "black and white", "16 bit", "transparent grey", "transparent", "half transparent"],
)
def test_modes_become_rgb_with_white_behind_what_is_transparent(image: Image.Image, left: int, right: int) -> None:
    pixels = np.asarray(read_picture(file_of(image)))
    assert pixels.shape == (20, 40, 3)
    assert pixels[10, 5].tolist() == [left] * 3
    assert pixels[10, 35].tolist() == [right] * 3


def test_a_palette_with_a_transparent_colour() -> None:
    image = halves("P", 0, 1)
    image.putpalette([10, 20, 30, 40, 50, 60])
    pixels = np.asarray(read_picture(file_of(image, transparency=1)))
    assert pixels[10, 5].tolist() == [10, 20, 30]
    assert pixels[10, 35].tolist() == [255, 255, 255]


def test_cmyk_and_floating_point() -> None:
    cmyk = np.asarray(read_picture(file_of(halves("CMYK", (0, 255, 255, 0), (255, 255, 0, 0)), "JPEG")), dtype=int)
    assert abs(cmyk[10, 5] - RED).max() <= 8
    assert abs(cmyk[10, 35] - BLUE).max() <= 8
    light = np.asarray(read_picture(file_of(halves("F", -1.0, 3.0), "TIFF")))
    assert (light[10, 5].tolist(), light[10, 35].tolist()) == ([0] * 3, [255] * 3)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_the_first_frame_of_an_animation(kind: str) -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in (RED, BLUE)]
    picture = read_picture(file_of(frames[0], kind, save_all=True, append_images=frames[1:]))
    assert abs(np.asarray(picture, dtype=int)[5, 5] - RED).max() <= 8


def test_a_picture_is_turned_by_its_exif_orientation() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright: turn by 90 degrees clockwise
    picture = read_picture(file_of(halves("RGB", RED, BLUE), "JPEG", exif=exif))
    assert picture.size == (20, 40)
    assert abs(np.asarray(picture, dtype=int)[5, 10] - RED).max() <= 8


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_broken_exif_does_not_cost_the_picture() -> None:
    content = file_of(halves("RGB", RED, BLUE), "JPEG", exif=b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\xff\xff\x01\x12")
    assert read_picture(content).size == (40, 20)


def test_a_large_jpeg_is_decoded_smaller_and_looks_the_same() -> None:
    rows, columns = np.mgrid[0:1600, 0:1200]
    image = Image.fromarray(np.stack([rows // 8, columns // 8, (rows + columns) // 16], axis=2).astype(np.uint8))
    content = file_of(image, "JPEG", quality=95)
    small, whole = read_picture(content, at_least=224), read_picture(content)
    assert whole.size == (1200, 1600)
    assert 2 * 224 <= min(small.size) < 1200
    difference = np.asarray(small.resize((224, 224)), dtype=int) - np.asarray(whole.resize((224, 224)), dtype=int)
    assert abs(difference).mean() < 1


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_a_decompression_bomb_is_refused_before_it_is_decoded() -> None:
    for side in (int(MAX_PIXELS**0.5) + 1, 12_000, 20_000):
        with pytest.raises(PictureError, match="pixels"):
            read_picture(huge_png(side))


WHOLE = file_of(Image.effect_noise((64, 64), 90).convert("RGB"), "JPEG")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "is empty"),
        (b"not a picture", "not a picture"),
        (WHOLE[: len(WHOLE) // 2], "broken or cut off"),
        (file_of(Image.effect_noise((64, 64), 90))[:2000], "broken or cut off"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n", "not a picture"),
        (b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', "not a picture"),
    ],
    ids=["zero bytes", "text", "half a JPEG", "half a PNG", "PostScript", "SVG"],
)
def test_what_is_no_whole_picture_gives_one_clear_line(content: bytes, kind: str) -> None:
    with pytest.raises(PictureError, match=kind) as raised:
        read_picture(content)
    assert "\n" not in str(raised.value)
    assert raised.value.mend


@pytest.mark.filterwarnings("ignore::UserWarning:PIL", "ignore::PIL.Image.DecompressionBombWarning")
@given(st.data())
def test_no_damage_raises_anything_else(data: st.DataObject) -> None:
    content = bytearray(data.draw(st.sampled_from([WHOLE, file_of(halves("RGBA", (1, 2, 3, 4), 0)), huge_png(8)])))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with suppress(PictureError):
        assert read_picture(bytes(content)).mode == "RGB"


def test_files_that_are_not_there_or_no_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "missing.png", tmp_path, tmp_path / "pipe", Path("\0"), tmp_path / ("x" * 300)):
        with pytest.raises(InputError, match=r"does not exist|can't be read"):
            read_picture(path)


class TestDataUrl:
    def url(self, content: bytes = WHOLE, kind: str = "image/jpeg") -> str:
        return f"data:{kind};base64,{base64.b64encode(content).decode()}"

    def test_its_bytes_come_out(self) -> None:
        assert picture_from_data_url(self.url()) == WHOLE
        assert picture_from_data_url(self.url(kind="image/svg+xml;charset=utf-8")) == WHOLE
        assert picture_from_data_url("data:image/png;base64,aGVs\n bG8=\n") == b"hello"

    @pytest.mark.parametrize(
        "url",
        [
            "http://example.com/a.png",
            "https://example.com/a.png",
            "file:///etc/passwd",
            "/etc/passwd",
            "",
            "data:text/plain;base64,aGVsbG8=",
            "data:image/png,hello",
            "ftp://x/data:image/png;base64,aGVsbG8=",
        ],
    )
    def test_no_other_address_is_taken(self, url: str) -> None:
        with pytest.raises(InputError, match="data URL"):
            picture_from_data_url(url)

    @pytest.mark.parametrize("body", ["a", "aGVsbG8", "aGVs*G8=", "аGVs"])
    def test_broken_base64(self, body: str) -> None:
        with pytest.raises(InputError, match="not whole base64"):
            picture_from_data_url(f"data:image/png;base64,{body}")

    def test_its_size_is_bounded(self) -> None:
        assert len(picture_from_data_url(self.url(bytes(1000)), max_bytes=1000)) == 1000
        for size in (1001, 5000):
            with pytest.raises(InputError, match="larger than 1,000 bytes"):
                picture_from_data_url(self.url(bytes(size)), max_bytes=1000)
        with pytest.raises(InputError, match="empty"):
            picture_from_data_url("data:image/png;base64,")

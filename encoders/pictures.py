"""Pictures from files, bytes and data URLs, read so that no file can harm. Knows nothing about models.

Only formats with a decoder of their own are read (no PostScript, which would run a program), a picture is decoded at
a reduced size where its format can, and what would fill the memory is refused before it is decoded. No address is
ever fetched.
"""

import base64
import re
import warnings
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from core.errors import InputError

# MPO is opened as JPEG.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "AVIF")
MAX_BYTES = 64_000_000
# What is decoded at once: 200 MB as RGB. A JPEG of up to three times as many fits where it can be decoded smaller.
MAX_PIXELS = 64_000_000
_MEND = "Use a whole JPEG, PNG, WebP or GIF picture."
_SMALLER = "Make it smaller."
_TOO_LARGE = f"is larger than {MAX_BYTES // 1_000_000} MB"
_TOO_MANY = f"has more than {MAX_PIXELS // 1_000_000} million pixels"
_MAX_HEAD = 200
_DATA_URL = re.compile(r"data:image/[a-z0-9.+-]+((?:;[a-z0-9-]+=[^;,]*)*);base64,", re.IGNORECASE)

# Pillow warns of many pixels and of broken EXIF; the limits here are checked on every picture.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")


class PictureError(InputError):
    """A picture that can't be used. `kind` is the reason without the picture's name, such as "is empty"."""

    def __init__(self, source: Path | bytes, kind: str, *, mend: str = _MEND) -> None:
        name = "The picture" if isinstance(source, bytes) else f"The picture {source}"
        super().__init__(f"{name} {kind}.", mend=mend)
        self.kind = kind


def read_bytes(source: Path | bytes) -> bytes:
    """The content of a picture's file, or the bytes themselves. Raises PictureError when there is none."""
    content = source if isinstance(source, bytes) else _read_file(source)
    if not content:
        raise PictureError(source, "is empty")
    if len(content) > MAX_BYTES:
        raise PictureError(source, _TOO_LARGE, mend=_SMALLER)
    return content


def read_picture(source: Path | bytes, *, at_least: int = 0) -> Image.Image:
    """The picture in RGB, upright: turned by its EXIF orientation, the first frame, what is transparent on white.

    `at_least`: how many pixels the shorter side needs; a JPEG far larger is decoded smaller (by 2, 4 or 8). 0 decodes
    it whole. Raises PictureError for what is missing, broken, cut off, too large, or no picture.
    """
    content = read_bytes(source)
    try:
        with Image.open(BytesIO(content), formats=FORMATS) as image:
            _decode_smaller(image, at_least)
            _limit(image)
            image.load()
            return _on_white(_upright(image))
    except UnidentifiedImageError as error:
        raise PictureError(source, "is not a picture that can be read here") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError) as error:
        raise PictureError(source, _TOO_MANY, mend=_SMALLER) from error
    except Exception as error:  # decoders raise anything on a broken file: struct.error, SyntaxError, IndexError
        raise PictureError(source, "is broken or cut off") from error


def picture_from_data_url(url: str, max_bytes: int = MAX_BYTES) -> bytes:
    """The bytes of a picture that came as `data:image/...;base64,...`, as OpenAI's image parts do.

    Raises InputError for any other address, which is never fetched, for broken base64, and for more than `max_bytes`.
    """
    head = _DATA_URL.match(url[:_MAX_HEAD])
    if head is None:
        cause = "A picture must come as a data URL; addresses are not fetched."
        raise InputError(cause, mend="Send it as data:image/png;base64,... (PNG, JPEG, WebP or GIF).")
    if len(url) > 2 * max_bytes + _MAX_HEAD:  # base64 takes 4 characters for 3 bytes, and perhaps line breaks
        raise PictureError(b"", f"is larger than {max_bytes:,} bytes", mend=_SMALLER)
    try:
        content = base64.b64decode("".join(url[head.end() :].split()), validate=True)
    except ValueError as error:  # characters outside the alphabet, ASCII or not, or a wrong length
        raise PictureError(b"", "is not whole base64", mend="Encode the bytes of the file again.") from error
    if not content:
        raise PictureError(b"", "is empty")
    if len(content) > max_bytes:
        raise PictureError(b"", f"is larger than {max_bytes:,} bytes", mend=_SMALLER)
    return content


def _read_file(path: Path) -> bytes:
    try:
        if not path.is_file():  # a pipe or a device would never end
            raise PictureError(path, "does not exist", mend="Give the path of a picture.")
        if path.stat().st_size > MAX_BYTES:
            raise PictureError(path, _TOO_LARGE, mend=_SMALLER)
        return path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no such path"
        raise PictureError(path, f"can't be read ({reason})", mend="Give the path of a picture.") from error


def _decode_smaller(image: Image.Image, at_least: int) -> None:
    """Ask the decoder for no more than is needed."""
    shorter = min(image.size)
    # A progressive JPEG is held whole while it is decoded, however small it comes out.
    if not at_least or shorter <= at_least or image.format not in ("JPEG", "MPO") or image.info.get("progressive"):
        return
    # Twice the size that is needed: resampling then has the detail that it would have had.
    scale = 2 * at_least / shorter
    image.draft("RGB", (max(1, int(image.width * scale)), max(1, int(image.height * scale))))


def _limit(image: Image.Image) -> None:
    if image.width * image.height > MAX_PIXELS:
        raise Image.DecompressionBombError(f"{image.width} x {image.height} pixels")


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # broken EXIF beside a whole picture
        return image


def _on_white(image: Image.Image) -> Image.Image:
    """RGB of any mode."""
    if image.mode.startswith(("I", "F")):
        return _eight_bits(image).convert("RGB")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(white, image).convert("RGB")
    return image.convert("RGB")


def _eight_bits(image: Image.Image) -> Image.Image:
    """Greyscale with more than eight bits, which Pillow would cut off at 255 instead of scaling."""
    values = np.nan_to_num(np.asarray(image, dtype=np.float32))
    if image.mode.startswith("I;16"):
        values /= 257
    elif values.size and (values.min() < 0 or values.max() > 255):
        values = (values - values.min()) * (255 / max(float(np.ptp(values)), 1e-12))
    return Image.fromarray(values.round().astype(np.uint8))

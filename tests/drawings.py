"""Pictures that tests draw, and a catalogue whose items look alike by colour and shape."""

import base64
import io

from PIL import Image, ImageDraw


def drawing(colour: str, shape: str = "ellipse", size: tuple[int, int] = (120, 180), *, kind: str = "PNG") -> bytes:
    """A file with one shape on a coloured ground."""
    image = Image.new("RGB", size, colour)
    draw = ImageDraw.Draw(image)
    box = (size[0] // 4, size[1] // 4, 3 * size[0] // 4, 3 * size[1] // 4)
    (draw.ellipse if shape == "ellipse" else draw.rectangle)(box, fill="white", outline="black", width=6)
    file = io.BytesIO()
    image.save(file, kind)
    return file.getvalue()


def data_url(picture: bytes) -> str:
    """A picture as OpenAI's image parts hold it."""
    return f"data:image/png;base64,{base64.b64encode(picture).decode()}"

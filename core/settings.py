"""Settings, from the command line, `TASTEMAKER_*` environment variables or a `.env` file, in that order."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

NO_LANGUAGE_MODEL = "none"


class Settings(BaseSettings):
    """Everything that an operator may want to change. Loopback and no keys by default."""

    model_config = SettingsConfigDict(env_prefix="TASTEMAKER_", env_file=".env", extra="ignore", frozen=True)

    catalog: str = "ml-100k"
    artifacts: Path = Path("artifacts")
    database_url: str = ""  # empty: a SQLite file in `state/`; or postgresql+psycopg://…

    host: str = "127.0.0.1"
    port: int = Field(7860, ge=0, le=65535)
    # One secret per client, comma-separated; empty: everyone who can reach the port may ask.
    api_keys: SecretStr = SecretStr("")

    page: bool = True  # serve the chat page; it asks with the first key, so whoever reaches it needs none

    # The language model: a hub name or a local folder; empty: the embedded one, converted once.
    model: str = ""
    # An OpenAI-compatible address of a running vLLM; empty: start one as a child process; "none": answers come from
    # search alone.
    llm_url: str = ""
    llm_key: SecretStr = SecretStr("")
    # On a CPU vLLM guesses ahead: 1.4 times as fast, but it samples wrongly. A `temperature` counts only with this.
    sampling: bool = False
    # Where embeddings are searched: JSON with the class of a LlamaIndex vector store and its settings; empty: FAISS.
    vector_store: str = ""
    text_encoder: str = ""  # a sentence-transformers name or folder; empty: the embedded MiniLM
    # An open_clip model (a name with `image_pretrained`, hf-hub:NAME, local-dir:FOLDER); empty: the embedded one.
    image_encoder: str = ""
    image_pretrained: str = ""  # a tag of open_clip's or a checkpoint's file, for an `image_encoder` by name
    # Where pictures are put into words: an OpenAI-compatible address of a vision model; empty: tags without one.
    vision_url: str = ""
    vision_key: SecretStr = SecretStr("")
    vision_model: str = ""
    # The language model's adapters: folders, or names in the catalogue's `adapters`, comma-separated; the first one
    # ranks. Empty: the latest that fits, if any; "none": none.
    adapter: str = ""

    # Who turns a conversation into an intent; `combined` asks the language model where the rules find nothing.
    understanding: Literal["rules", "combined"] = "rules"

    recommendations: int = Field(3, ge=1, le=10)  # when the person names no number
    candidates: int = Field(6, ge=2, le=100)  # what the language model may choose among
    popularity_correction: float = Field(0.4, ge=0, le=1)  # 0 is off; a request may say otherwise
    popularity_method: Literal["backdoor", "counterfactual"] = "counterfactual"
    # Columns of the catalogue's users, comma-separated: what is recommended depends on the group that a person is in,
    # so that groups get each kind of item about equally often. Empty: no group is ever read.
    parity: str = ""
    parity_bound: float = Field(0.02, gt=0, le=1)  # the largest difference of two groups' shares of exposure
    # Seconds that the language model may take for one answer before retrieval answers instead.
    generation_timeout: float = Field(60, gt=0)

    max_body_bytes: int = 8_388_608  # a picture comes in base64
    max_picture_bytes: int = 5_000_000
    max_messages: int = 200
    max_message_chars: int = 8_000
    max_history: int = 5_000
    max_concurrent_turns: int = 64

    @property
    def has_language_model(self) -> bool:
        """Whether a language model writes answers, be it ours or one that runs already."""
        return self.llm_url != NO_LANGUAGE_MODEL

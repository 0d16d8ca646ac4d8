"""A line to another node, made from docs/protocol/transport.md: gRPC over mutual TLS, and refusals with their reason id."""

from __future__ import annotations

import importlib
import pathlib
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from typing import Any

import grpc

from cards import Tls

PROTO = pathlib.Path(__file__).resolve().parents[2] / "proto"
SERVICE = "/entente.v1.Peer/"


@dataclass(frozen=True)
class Refusal(Exception):
    status: str
    reason: str
    text: str  # must be empty

    def __str__(self) -> str:
        return f"{self.status} {self.reason or '-'} {self.text}".strip()


def load_messages(folder: pathlib.Path) -> Any:
    """The protobuf module of peer.proto, generated now, so that nothing generated is kept."""
    subprocess.run(["protoc", f"--proto_path={PROTO}", f"--python_out={folder}", "entente/v1/peer.proto"], check=True)
    sys.path.insert(0, str(folder))
    return importlib.import_module("entente.v1.peer_pb2")


class Line:
    def __init__(self, address: str, own: Tls, peer_certificate_pem: bytes, peer_party: str, messages: Any) -> None:
        credentials = grpc.ssl_channel_credentials(peer_certificate_pem, own.key_pem, own.certificate_pem)
        # The certificate names a party, not a host; the brackets keep gRPC from taking the colon for a port's.
        options = [("grpc.ssl_target_name_override", f"[entente://party/{peer_party}]")]
        self._channel = grpc.secure_channel(address, credentials, options)
        self.messages = messages

    def send(self, method: str, message: bytes, timeout: float = 30) -> Any:
        call = self._channel.unary_unary(SERVICE + method, request_serializer=lambda raw: raw,
                                         response_deserializer=self.messages.Statement.FromString)
        try:
            return call(message, timeout=timeout)
        except grpc.RpcError as error:
            given = [value for key, value in error.trailing_metadata() or [] if key == "entente-reason"]
            raise Refusal(error.code().name, given[0] if len(given) == 1 else "", error.details() or "") from None

    def call(self, method: str, body: bytes, signature: bytes, timeout: float = 30) -> tuple[bytes, bytes]:
        answer = self.send(method, self.messages.Statement(body=body, signature=signature).SerializeToString(), timeout)
        return answer.body, answer.signature

    def close(self) -> None:
        self._channel.close()


def make_folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="entente-stranger-")

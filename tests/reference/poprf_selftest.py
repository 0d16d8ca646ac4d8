#!/usr/bin/env python3
"""poprf.py and ristretto.py against RFC 9496 appendix A and RFC 9497 appendix A.1.3. Given the path of the CFRG's
allVectors.json, checks the vectors of that file too."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass

import poprf
import ristretto
from checks import Checks

SEED = bytes([0xA3]) * 32
KEY_INFO = b"test key"
INFO = b"test info"
SECRET_KEY = "145c79c108538421ac164ecbe131942136d5570b16d8bf41a24d4337da981e07"
PUBLIC_KEY = "c647bef38497bc6ec077c22af65b696efa43bff3b4a1975a3e8e0a1c5a79d631"


@dataclass(frozen=True)
class Vector:
    blinds: list[str]
    blinded: list[str]
    evaluated: list[str]
    inputs: list[str]
    outputs: list[str]
    proof: str
    r: str


# RFC 9497, A.1.3.
VECTORS = [
    Vector(
        blinds=["64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706"],
        blinded=["c8713aa89241d6989ac142f22dba30596db635c772cbf25021fdd8f3d461f715"],
        evaluated=["1a4b860d808ff19624731e67b5eff20ceb2df3c3c03b906f5693e2078450d874"],
        inputs=["00"],
        outputs=["ca688351e88afb1d841fde4401c79efebb2eb75e7998fa9737bd5a82a152406d38bd29f680504e54fd4587eddcf2f37a2617ac2fbd2993f7bdf45442ace7d221"],
        proof="41ad1a291aa02c80b0915fbfbb0c0afa15a57e2970067a602ddb9e8fd6b7100d"
              "e32e1ecff943a36f0b10e3dae6bd266cdeb8adf825d86ef27dbc6c0e30c52206",
        r="222a5e897cf59db8145db8d16e597e8facb80ae7d4e26d9881aa6f61d645fc0e"),
    Vector(
        blinds=["64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706"],
        blinded=["f0f0b209dd4d5f1844dac679acc7761b91a2e704879656cb7c201e82a99ab07d"],
        evaluated=["8c3c9d064c334c6991e99f286ea2301d1bde170b54003fb9c44c6d7bd6fc1540"],
        inputs=["5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a"],
        outputs=["7c6557b276a137922a0bcfc2aa2b35dd78322bd500235eb6d6b6f91bc5b56a52de2d65612d503236b321f5d0bebcbc52b64b92e426f29c9b8b69f52de98ae507"],
        proof="4c39992d55ffba38232cdac88fe583af8a85441fefd7d1d4a8d0394cd1de7701"
              "8bf135c174f20281b3341ab1f453fe72b0293a7398703384bed822bfdeec8908",
        r="222a5e897cf59db8145db8d16e597e8facb80ae7d4e26d9881aa6f61d645fc0e"),
    Vector(
        blinds=["64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706",
                "222a5e897cf59db8145db8d16e597e8facb80ae7d4e26d9881aa6f61d645fc0e"],
        blinded=["c8713aa89241d6989ac142f22dba30596db635c772cbf25021fdd8f3d461f715",
                 "423a01c072e06eb1cce96d23acce06e1ea64a609d7ec9e9023f3049f2d64e50c"],
        evaluated=["1a4b860d808ff19624731e67b5eff20ceb2df3c3c03b906f5693e2078450d874",
                   "aa1f16e903841036e38075da8a46655c94fc92341887eb5819f46312adfc0504"],
        inputs=["00",
                "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a"],
        outputs=["ca688351e88afb1d841fde4401c79efebb2eb75e7998fa9737bd5a82a152406d38bd29f680504e54fd4587eddcf2f37a2617ac2fbd2993f7bdf45442ace7d221",
                 "7c6557b276a137922a0bcfc2aa2b35dd78322bd500235eb6d6b6f91bc5b56a52de2d65612d503236b321f5d0bebcbc52b64b92e426f29c9b8b69f52de98ae507"],
        proof="43fdb53be399cbd3561186ae480320caa2b9f36cca0e5b160c4a677b8bbf4301"
              "b28f12c36aa8e11e5a7ef551da0781e863a6dc8c0b2bf5a149c9e00621f02006",
        r="419c4f4f5052c53c45f3da494d2b67b220d02118e0857cdbcf037f9ea84bbe0c"),
]

# RFC 9496, A.1: the multiples of the generator from 0 to 4.
MULTIPLES = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76",
    "6a493210f7499cd17fecb510ae0cea23a110e8d5b901f8acadd3095c73a3b919",
    "94741f5d5d52755ece4f23f044ee27d5d1ea1e2bd196b462166b16152a9d0259",
    "da80862773358b466ffadfe0b3293ab3d9fd53c5ea6c955358f568322daf6a57",
]

# RFC 9496, A.2: encodings to refuse, one of each class, and what RFC 9497 refuses besides.
REFUSED = [
    "00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",  # bit 255
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",  # not below p
    "f3ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",  # p
    "0100000000000000000000000000000000000000000000000000000000000000",  # negative
    "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371",  # no square
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",  # s = -1
    "0000000000000000000000000000000000000000000000000000000000000000",  # identity
    "e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2df6",  # generator with bit 255
    "e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d",  # short
]

# RFC 9496, A.3: uniform bytes to an element.
UNIFORM = [
    ("5d1be09e3d0c82fc538112490e35701979d99e06ca3e2b5b54bffe8b4dc772c1"
     "4d98b696a1bbfb5ca32c436cc61c16563790306c79eaca7705668b47dffe5bb6",
     "3066f82a1a747d45120d1740f14358531a8f04bbffe6a819f86dfe50f44a0a46"),
    ("f116b34b8f17ceb56e8732a60d913dd10cce47a6d53bee9204be8b44f6678b27"
     "0102a56902e2488c46120e9276cfe54638286b9e4b3cdb470b542d46c2068d38",
     "f26e5b6f7d362d2d2a94c5d0e7602cb4773c95a2e5c31a64f133189fa76ed61b"),
]


def unhex(texts: list[str]) -> list[bytes]:
    return [bytes.fromhex(text) for text in texts]


def check_group(checks: Checks) -> None:
    for i, text in enumerate(MULTIPLES):
        checks.equal((i * ristretto.GENERATOR).encode().hex(), text, f"multiple {i}")
        point = ristretto.decode(bytes.fromhex(text), accept_identity=True)
        checks.equal(point.encode().hex(), text, f"decode multiple {i}")
    for text in REFUSED:
        checks.refuses(ristretto.BadEncoding, lambda text=text: ristretto.decode(bytes.fromhex(text)), text)
    for uniform, element in UNIFORM:
        checks.equal(ristretto.from_uniform(bytes.fromhex(uniform)).encode().hex(), element, "one-way map")
    checks.equal((ristretto.ORDER * ristretto.GENERATOR).is_identity(), True, "order")


def check_vector(checks: Checks, vector: Vector, name: str) -> None:
    public_key = bytes.fromhex(PUBLIC_KEY)
    secret_key = poprf.decode_scalar(bytes.fromhex(SECRET_KEY))
    blinds = [poprf.decode_scalar(blind) for blind in unhex(vector.blinds)]
    asked = poprf.blind(unhex(vector.inputs), INFO, public_key, blinds)
    checks.equal([e.hex() for e in asked.elements], vector.blinded, name + " blinded")
    evaluated, proof = poprf.blind_evaluate(secret_key, asked.elements, INFO, poprf.decode_scalar(bytes.fromhex(vector.r)))
    checks.equal([e.hex() for e in evaluated], vector.evaluated, name + " evaluated")
    checks.equal(proof.hex(), vector.proof, name + " proof")
    checks.equal([o.hex() for o in poprf.finalize(asked, evaluated, proof)], vector.outputs, name + " output")
    for text, output in zip(unhex(vector.inputs), vector.outputs, strict=True):
        checks.equal(poprf.evaluate(secret_key, text, INFO).hex(), output, name + " evaluate")


def check_refusals(checks: Checks) -> None:
    secret_key, public_key = poprf.derive_key_pair(SEED, KEY_INFO)
    asked = poprf.blind([b"one", b"two"], INFO, public_key)
    evaluated, proof = poprf.blind_evaluate(secret_key, asked.elements, INFO)
    checks.equal(len(poprf.finalize(asked, evaluated, proof)), 2, "fresh blinds")
    broken = bytes([proof[0] ^ 1]) + proof[1:]
    checks.refuses(poprf.Refused, lambda: poprf.finalize(asked, evaluated, broken), "another proof")
    checks.refuses(poprf.Refused, lambda: poprf.finalize(asked, evaluated[::-1], proof), "another order")
    checks.refuses(poprf.Refused, lambda: poprf.finalize(asked, evaluated[:1], proof), "another count")
    other, other_proof = poprf.blind_evaluate(secret_key + 1, asked.elements, INFO)
    checks.refuses(poprf.Refused, lambda: poprf.finalize(asked, other, other_proof), "another key")
    other, other_proof = poprf.blind_evaluate(secret_key, asked.elements, INFO + b"!")
    checks.refuses(poprf.Refused, lambda: poprf.finalize(asked, other, other_proof), "another info")


def vectors_of(path: str) -> list[Vector]:
    with open(path, encoding="utf-8") as file:
        suites = json.load(file)
    (suite,) = [s for s in suites if s["identifier"] == "ristretto255-SHA512" and s["mode"] == 2]
    return [Vector(v["Blind"].split(","), v["BlindedElement"].split(","), v["EvaluationElement"].split(","),
                   v["Input"].split(","), v["Output"].split(","), v["Proof"]["proof"], v["Proof"]["r"])
            for v in suite["vectors"]]


def main(arguments: list[str]) -> int:
    checks = Checks("poprf")
    check_group(checks)
    secret_key, public_key = poprf.derive_key_pair(SEED, KEY_INFO)
    checks.equal(poprf.encode_scalar(secret_key).hex(), SECRET_KEY, "secret key")
    checks.equal(public_key.hex(), PUBLIC_KEY, "public key")
    for i, vector in enumerate(VECTORS):
        check_vector(checks, vector, f"vector {i + 1}")
    if arguments:
        checks.equal(vectors_of(arguments[0]), VECTORS, "vectors of the file")
    check_refusals(checks)
    return checks.report()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

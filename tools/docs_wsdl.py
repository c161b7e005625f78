"""Writes wsdl/ anew from the model table: schemas, WSDLs and the page that lists them. Run by `make docs`."""

from pathlib import Path

from gateway.mm7 import contract

WSDL = Path(__file__).resolve().parent.parent / "wsdl"


def main() -> None:
    WSDL.mkdir(exist_ok=True)
    files = contract.files()
    for stale in {path.name for path in WSDL.iterdir()} - set(files):
        (WSDL / stale).unlink()
    for name, content in files.items():
        (WSDL / name).write_bytes(content)


if __name__ == "__main__":
    main()

"""The place in a row of tokens where the parser is, and what it may ask there."""

from parsim.nmodl.refusal import NmodlError
from parsim.nmodl.syntax import Program
from parsim.nmodl.tokens import Token

_IN_UNITS = {"/", "-", ".", "*", "^", "+", "%"}


class Reader:
    """Tokens one after another; `program` is what was said so far."""

    def __init__(self, tokens: list[Token], program: Program) -> None:
        self._tokens, self._at, self.program = tokens, 0, program

    @property
    def next(self) -> Token:
        """The token that is read next."""
        return self._tokens[self._at]

    def ahead(self, n: int) -> Token:
        """A later token."""
        return self._tokens[min(self._at + n, len(self._tokens) - 1)]

    @property
    def place(self) -> int:
        """Where it is, for `back`."""
        return self._at

    def back(self, place: int) -> None:
        """Read from there again."""
        self._at = place

    def take(self) -> Token:
        """The next token; the end is never passed."""
        token = self.next
        self._at += token.kind != "end"
        return token

    def sees(self, *texts: str) -> bool:
        """Is the next token one of these?"""
        return self.next.text in texts and self.next.kind not in ("str", "verbatim", "title")

    def accept(self, text: str) -> bool:
        """Pass over this token if it comes next."""
        if self.sees(text):
            self.take()
            return True
        return False

    def expect(self, text: str) -> Token:
        """This token, or an error."""
        if not self.sees(text):
            raise self.wrong(repr(text))
        return self.take()

    def wrong(self, expected: str) -> NmodlError:
        """What was expected and what stands there."""
        token = self.next
        text = token.text if token.kind == "end" else repr(token.text)
        return NmodlError(f"{token.where}: expected {expected}, found {text:.60}.")

    # ---- names and numbers ----------------------------------------------------------------------

    def name(self) -> str:
        """A name."""
        if self.next.kind != "name":
            raise self.wrong("a name")
        return self.take().text

    def sized_name(self) -> tuple[str, str | None]:
        """A name and the size of its array, if it is one."""
        name = self.name()
        if not self.accept("["):
            return name, None
        size = self.take().text
        self.expect("]")
        return name, size

    def names(self) -> list[str]:
        """Names between commas; sizes of arrays are left out, and so is a comma too many."""
        found = [self.sized_name()[0]]
        while self.accept(","):
            if self.next.kind != "name":
                break
            found.append(self.sized_name()[0])
        return found

    def sees_number(self) -> bool:
        """Does a number come next?"""
        return self.next.kind == "num" or (self.sees("-", "+") and self.ahead(1).kind in ("num", "name"))

    def number(self) -> float:
        """A number with its sign, or a name given by DEFINE."""
        sign = 1.0
        while self.sees("-", "+"):
            sign = -sign if self.take().text == "-" else sign
        token = self.next
        if token.kind == "num":
            return sign * float(self.take().text)
        if token.kind == "name" and token.text in self.program.defines:
            return sign * self.program.defines[self.take().text]
        raise self.wrong("a number")

    # ---- units ----------------------------------------------------------------------------------

    def unit(self) -> str:
        """Text in parentheses that is a unit."""
        first = self.expect("(")
        depth, text, before = 1, "", ""
        while depth:
            token = self.take()
            if token.kind == "end":
                raise NmodlError(f"{first.where}: a unit has no closing parenthesis; add ')'.")
            depth += (token.text == "(") - (token.text == ")")
            if depth:
                wordy = token.kind in ("name", "num") and before in ("name", "num")
                text += (" " if wordy else "") + token.text
                before = token.kind
        return text

    def skip_unit(self) -> str:
        """A unit if there is one, as after a number: `3 (mV)`, `2 (/ms)`; no product is written so."""
        first = self.next
        if first.text != "(" or first.kind != "op":
            return ""
        k = 1
        while self.ahead(k).kind in ("name", "num") or self.ahead(k).text in _IN_UNITS:
            k += 1
        if self.ahead(k).text == ")" and k > 1 and self.ahead(k).where == first.where:
            return self.unit()
        return ""

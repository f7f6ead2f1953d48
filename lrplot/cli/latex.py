"""LaTeX as plain text, for a terminal: the little that formulas need; a command that is not known is its name."""

import re

_TOKEN = re.compile(r"\\[A-Za-z]+|\\?.", re.DOTALL)
_SIGNS = {
    **{"alpha": ("α", "alpha"), "beta": ("β", "beta"), "gamma": ("γ", "gamma"), "eta": ("η", "eta")},
    **{"lambda": ("λ", "lambda"), "pi": ("π", "pi"), "sigma": ("σ", "sigma"), "tau": ("τ", "tau")},
    **{"cdot": ("·", "*"), "times": ("×", "*"), "pm": ("±", "+/-"), "infty": ("∞", "inf"), "dots": ("…", "...")},
    **{"le": ("≤", "<="), "ge": ("≥", ">="), "ne": ("≠", "!="), "approx": ("≈", "~"), "to": ("→", "->")},
    **{"lfloor": ("⌊", "floor("), "rfloor": ("⌋", ")"), "lceil": ("⌈", "ceil("), "rceil": ("⌉", ")")},
    **{"bmod": ("mod", "mod"), "left": ("", ""), "right": ("", ""), "quad": ("\n", "\n"), "qquad": ("\n", "\n")},
}
"""What some commands stand for, in Unicode and in ASCII."""

_ESCAPES = {",": " ", ";": " ", ":": " ", "!": "", "\\": "\n"}
_LOWERED = str.maketrans("0123456789+-−ikmnt", "₀₁₂₃₄₅₆₇₈₉₊₋₋ᵢₖₘₙₜ", " ")
_EDGE = "\0"
"""Stands at both ends of a name until all is known that may stand beside it."""


def plain_text(latex: str, unicode: bool) -> str:
    r"""A formula as plain text; \quad begins a line.

    >>> plain_text(r"\alpha(t)\,x_{t-1} = \frac{a + b}{T_{max}}, \quad T = \text{total\_iters}", unicode=True)
    'α(t) xₜ₋₁ = (a + b) / T_max\nT = total_iters'
    >>> plain_text(r"\eta \sqrt{\frac{d}{\max(t, 1)}}", unicode=False)
    'eta sqrt(d / max(t, 1))'
    """
    text = _Formula(latex, unicode).text()
    text = re.sub(rf"(?<=[^\W_]){_EDGE}+(?=[A-Za-z0-9])", " ", text).replace(_EDGE, "")
    text = re.sub(r"π (?=\w(?:\b|_))", "π", text) if unicode else text.encode("ascii", "replace").decode()
    text = re.sub(r",? *\n *", "\n", text)
    text = re.sub(r"\( +", "(", re.sub(r" +\)", ")", text))
    return re.sub(r" {2,}", " ", text)


class _Formula:
    """A formula, read token by token. A brace that is not closed ends with it, one that was not opened is nothing."""

    def __init__(self, latex: str, unicode: bool) -> None:
        self.tokens = _TOKEN.findall(latex.replace(_EDGE, ""))
        self.unicode = unicode
        self.at = 0

    def text(self) -> str:
        parts = []
        while self._peek():
            parts.append(self._until("}"))
        return "".join(parts)

    def _until(self, end: str) -> str:
        parts = []
        while (token := self._next()) not in ("", end):
            parts.append(self._read(token))
        return "".join(parts)

    def _peek(self) -> str:
        """The token that comes next: an empty one at the end."""
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def _next(self) -> str:
        token = self._peek()
        self.at += 1
        return token

    def _read(self, token: str) -> str:
        """What a token says, with the arguments that it takes."""
        if token == "{":
            return self._until("}")
        if token in "_^":
            return self._script(token)
        if token[1:].isalpha() and token.isascii():
            return self._command(token[1:])
        if token.isspace() or token == "~":
            return " "
        if token[0] == "\\":
            return _ESCAPES.get(token[1:], token[1:])
        return "−" if token == "-" and self.unicode else token

    def _argument(self) -> str:
        while self._peek().isspace():
            self.at += 1
        return "" if self._peek() in ("", "}") else self._read(self._next())

    def _script(self, mark: str) -> str:
        """What is below or above: as small letters where there are such, else behind its mark."""
        script = self._argument().replace(_EDGE, "").strip()
        is_word = bool(re.fullmatch(r"\w*", script))
        small = not is_word or len(script) == 1 or script.isdecimal()
        if self.unicode and mark == "_" and small and re.fullmatch(r"[\dikmnt+− ]+", script, re.ASCII):
            return script.translate(_LOWERED)
        return f"{mark}{script}" if is_word and script else f"{mark}({script})" if script else ""

    def _command(self, name: str) -> str:
        if name in ("text", "mathrm", "operatorname"):
            return self._words()
        if name in ("frac", "dfrac", "tfrac"):
            return self._fraction(" / " if name != "tfrac" else "/")
        if name == "sqrt":
            degree = f"[{self._until(']')}]" if self._peek() == "[" and self._next() else ""
            return f"{_EDGE}{'√' if self.unicode else 'sqrt'}{degree}({self._argument()})"
        if name in ("left", "right") and self._peek() == ".":  # a bracket that is not seen
            self.at += 1
        if name in _SIGNS:
            sign = _SIGNS[name][0 if self.unicode else 1]
            return f"{_EDGE}{sign}{_EDGE}" if len(sign) > 1 else sign
        after = re.match(r" *(\{|\\[dt]?frac\b)?", "".join(self.tokens[self.at : self.at + 9]))
        return f"{_EDGE}{name}({self._argument()})" if after and after[1] else f"{_EDGE}{name}{_EDGE}"

    def _words(self) -> str:
        """An argument as it is written: words."""
        if self._peek() != "{":
            return self._argument()
        words, depth = "", 0
        while token := self._next():
            depth += {"{": 1, "}": -1}.get(token, 0)
            if depth == 0:
                break
            words += "" if token in "{}" else token.removeprefix("\\")
        return words

    def _fraction(self, stroke: str) -> str:
        over, under = self._argument(), self._argument()
        if (over, under, stroke) == ("1", "2", "/") and self.unicode:
            return "½"
        return f"{_operand(over, r'[-+−/]')}{stroke}{_operand(under, r'[-+−/·*× ]')}"


def _operand(text: str, operators: str) -> str:
    """A part of a fraction, in brackets where an operator in it would fall apart without them."""
    outside = re.sub(r"\([^()]*\)", "", text).strip()
    return f"({text})" if re.search(f".{operators}", outside) else text

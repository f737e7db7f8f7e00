namespace Sealos.Objects.Selectors;

/// <summary>
/// A condition about who asks: the part of CEL in which webhooks leave callers out. It knows <c>request.userInfo.username</c> (==, !=,
/// startsWith, endsWith), <c>'group' in request.userInfo.groups</c>, true, false, !, &amp;&amp;, || and parentheses; nothing else is built.
/// </summary>
public sealed class CallerCondition
{
    private const int Longest = 4096;
    private const int Deepest = 30;
    private const string Username = "request.userInfo.username";
    private const string Groups = "request.userInfo.groups";

    private readonly Func<string, IReadOnlyList<string>, bool> _holds;

    private CallerCondition(Func<string, IReadOnlyList<string>, bool> holds) => _holds = holds;

    /// <summary>Reads a condition; null where it is none, or one that is not built.</summary>
    public static CallerCondition? TryParse(string text)
    {
        if (text.Length > Longest)
        {
            return null;
        }

        var reader = new Reader(text);
        try
        {
            var holds = reader.Or(0);
            return reader.IsAtEnd ? new CallerCondition(holds) : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    /// <summary>Whether it holds for who asks.</summary>
    public bool Matches(string username, IReadOnlyList<string> groups) => _holds(username, groups);

    private sealed class Reader(string text)
    {
        private int _at;

        public bool IsAtEnd
        {
            get
            {
                Skip();
                return _at == text.Length;
            }
        }

        public Func<string, IReadOnlyList<string>, bool> Or(int depth)
        {
            var left = And(depth);
            while (Take("||"))
            {
                var (one, other) = (left, And(depth));
                left = (u, g) => one(u, g) || other(u, g);
            }

            return left;
        }

        private Func<string, IReadOnlyList<string>, bool> And(int depth)
        {
            var left = Unary(depth);
            while (Take("&&"))
            {
                var (one, other) = (left, Unary(depth));
                left = (u, g) => one(u, g) && other(u, g);
            }

            return left;
        }

        private Func<string, IReadOnlyList<string>, bool> Unary(int depth)
        {
            if (depth > Deepest)
            {
                throw new FormatException();
            }

            if (Take("!"))
            {
                // It binds closer than a comparison.
                var negated = StartsWith('!') || StartsWith('(') ? Unary(depth + 1) : Leaf(isNegated: true);
                return (u, g) => !negated(u, g);
            }

            if (Take("("))
            {
                var inner = Or(depth + 1);
                Expect(")");
                return inner;
            }

            return Leaf(isNegated: false);
        }

        private Func<string, IReadOnlyList<string>, bool> Leaf(bool isNegated)
        {
            if (TakeWord("true"))
            {
                return (_, _) => true;
            }

            if (TakeWord("false"))
            {
                return (_, _) => false;
            }

            if (!Take(Username))
            {
                var group = isNegated ? throw new FormatException() : Text();
                return TakeWord("in") && TakeWord(Groups) ? (_, groups) => groups.Contains(group) : throw new FormatException();
            }

            if (!isNegated && Take("=="))
            {
                var same = Text();
                return (user, _) => user == same;
            }

            if (!isNegated && Take("!="))
            {
                var other = Text();
                return (user, _) => user != other;
            }

            var isStart = Take(".startsWith(");
            if (!isStart)
            {
                Expect(".endsWith(");
            }

            var part = Text();
            Expect(")");
            return isStart ? (user, _) => user.StartsWith(part, StringComparison.Ordinal) : (user, _) => user.EndsWith(part, StringComparison.Ordinal);
        }

        private string Text()
        {
            Skip();
            var quote = _at < text.Length ? text[_at] : ' ';
            var end = quote is '\'' or '"' ? text.IndexOf(quote, _at + 1) : -1;
            if (end < 0)
            {
                throw new FormatException();
            }

            var found = text[(_at + 1)..end];
            _at = end + 1;

            // Escapes, and quotes that are tripled, mean something else.
            return found.AsSpan().ContainsAny('\\', '\n', '\r') || (found.Length == 0 && _at < text.Length && text[_at] == quote) ? throw new FormatException() : found;
        }

        private bool StartsWith(char symbol)
        {
            Skip();
            return _at < text.Length && text[_at] == symbol;
        }

        private void Expect(string token)
        {
            if (!Take(token))
            {
                throw new FormatException();
            }
        }

        private bool TakeWord(string word)
        {
            var before = _at;
            if (Take(word) && (_at == text.Length || !(char.IsAsciiLetterOrDigit(text[_at]) || text[_at] is '_' or '.' or '[' or '(')))
            {
                return true;
            }

            _at = before;
            return false;
        }

        private bool Take(string token)
        {
            Skip();
            if (string.CompareOrdinal(text, _at, token, 0, token.Length) != 0)
            {
                return false;
            }

            _at += token.Length;
            return true;
        }

        private void Skip()
        {
            while (_at < text.Length && char.IsWhiteSpace(text[_at]))
            {
                _at++;
            }
        }
    }
}

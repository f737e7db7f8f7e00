namespace Sealos.Objects.Selectors;

/// <summary>Reads the query form of a label selector.</summary>
internal sealed class LabelSelectorParser(string text)
{
    private const string End = "";
    private const string Specials = "=!()<>,";

    private int _at;

    public List<LabelRequirement> ReadAll()
    {
        var requirements = new List<LabelRequirement>();
        if (!IsIdentifier(Peek()) && Peek() != "!")
        {
            throw new SelectorException($"found '{Peek()}', expected: !, identifier, or 'end of string'");
        }

        while (true)
        {
            requirements.Add(ReadRequirement());
            switch (Take())
            {
                case End:
                    return requirements;
                case ",":
                    if (!IsIdentifier(Peek()) && Peek() != "!")
                    {
                        throw new SelectorException($"found '{Peek()}', expected: identifier after ','");
                    }

                    break;
                case var other:
                    throw new SelectorException($"found '{other}', expected: ',' or 'end of string'");
            }
        }
    }

    private LabelRequirement ReadRequirement()
    {
        try
        {
            var isAbsent = Peek() == "!";
            if (isAbsent)
            {
                Take();
            }

            var key = Take();
            if (!IsIdentifier(key))
            {
                throw new SelectorException($"found '{key}', expected: identifier");
            }

            if (isAbsent || Peek() is End or ",")
            {
                return LabelRequirement.Create(key, isAbsent ? LabelOperator.DoesNotExist : LabelOperator.Exists, []);
            }

            return Take() switch
            {
                "in" => LabelRequirement.Create(key, LabelOperator.In, ReadValues()),
                "notin" => LabelRequirement.Create(key, LabelOperator.NotIn, ReadValues()),
                "=" or "==" => LabelRequirement.Create(key, LabelOperator.In, [ReadValue()]),
                "!=" => LabelRequirement.Create(key, LabelOperator.NotIn, [ReadValue()]),
                ">" => LabelRequirement.Create(key, LabelOperator.GreaterThan, [ReadValue()]),
                "<" => LabelRequirement.Create(key, LabelOperator.LessThan, [ReadValue()]),
                var other => throw new SelectorException($"found '{other}', expected: in, notin, =, ==, !=, gt, lt"),
            };
        }
        catch (SelectorException e)
        {
            throw new SelectorException($"unable to parse requirement: {e.Message}");
        }
    }

    private string ReadValue()
    {
        if (Peek() is End or ",")
        {
            return "";
        }

        var value = Take();
        return IsIdentifier(value) ? value : throw new SelectorException($"found '{value}', expected: identifier");
    }

    private List<string> ReadValues()
    {
        if (Take() is var open && open != "(")
        {
            throw new SelectorException($"found '{open}' expected: '('");
        }

        var values = new List<string>();
        var expectsValue = true;
        while (true)
        {
            var token = Take();
            switch (token)
            {
                case ")":
                    if (expectsValue)
                    {
                        values.Add("");
                    }

                    return [.. values.Distinct()];
                case ",":
                    if (expectsValue)
                    {
                        values.Add("");
                    }

                    expectsValue = true;
                    break;
                default:
                    if (!expectsValue || !IsIdentifier(token))
                    {
                        throw new SelectorException($"found '{token}', expected: ',', ')' or identifier");
                    }

                    values.Add(token);
                    expectsValue = false;
                    break;
            }
        }
    }

    private string Peek()
    {
        var at = _at;
        var token = Take();
        _at = at;
        return token;
    }

    private string Take()
    {
        while (_at < text.Length && char.IsWhiteSpace(text[_at]))
        {
            _at++;
        }

        if (_at >= text.Length)
        {
            return End;
        }

        var start = _at;
        if (Specials.Contains(text[_at], StringComparison.Ordinal))
        {
            _at++;
            var isPair = text[start] is '=' or '!' && _at < text.Length && text[_at] == '=';
            _at += isPair ? 1 : 0;
            return text[start.._at];
        }

        while (_at < text.Length && !char.IsWhiteSpace(text[_at]) && !Specials.Contains(text[_at], StringComparison.Ordinal))
        {
            _at++;
        }

        return text[start.._at];
    }

    private static bool IsIdentifier(string token) => token.Length > 0 && !Specials.Contains(token[0], StringComparison.Ordinal);
}

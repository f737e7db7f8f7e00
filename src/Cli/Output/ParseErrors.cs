using System.CommandLine;
using System.CommandLine.Parsing;

namespace Sealos.Cli.Output;

/// <summary>Says in one line each what is wrong with what was typed: the field, what it is, and what is allowed.</summary>
internal static class ParseErrors
{
    /// <summary>The lines for a person; empty when all is well.</summary>
    public static IReadOnlyList<string> Explain(ParseResult parsed) => [.. parsed.Errors.Select(Explain).Distinct()];

    private static string Explain(ParseError error) => error.SymbolResult switch
    {
        OptionResult { Tokens: [var token] } option => Value(option.Option, token.Value) ?? error.Message,
        ArgumentResult { Tokens: [] } argument => Missing(argument.Argument),
        CommandResult command when command.Command.Arguments.FirstOrDefault(a => a.Arity.MinimumNumberOfValues > 0 && command.GetResult(a) is not { Tokens.Count: > 0 }) is { } argument && error.Message.StartsWith("Required argument", StringComparison.Ordinal) => Missing(argument),
        _ => error.Message,
    };

    private static string Missing(Argument argument) => $"{argument.Name.ToLowerInvariant()}: missing. {argument.Description}";

    private static string? Value(Option option, string text)
    {
        var type = Nullable.GetUnderlyingType(option.ValueType) ?? option.ValueType.GetElementType() ?? option.ValueType;
        return type == typeof(int) && !int.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out _) ? $"{option.Name}: '{text}' must be a whole number"
            : type.IsEnum && !Enum.TryParse(type, text, ignoreCase: true, out _) ? $"{option.Name}: '{text}' must be one of {string.Join(", ", Enum.GetNames(type).Select(n => n.ToLowerInvariant()))}"
            : null;
    }
}

using Microsoft.AspNetCore.Http;

namespace Sealos.Node.Exec;

/// <summary>Which streams an exec or attach wants, in either of the two spellings that are in use.</summary>
internal sealed record StreamQuery(bool Stdin, bool Stdout, bool Stderr, bool Tty)
{
    /// <summary>Reads the query.</summary>
    /// <exception cref="RefusedException">No stream is wanted.</exception>
    public static StreamQuery Parse(IQueryCollection query)
    {
        var tty = IsOn(query, "tty");
        var streams = new StreamQuery(
            IsOn(query, "stdin") || IsOn(query, "input"),
            IsOn(query, "stdout") || IsOn(query, "output"),
            // A terminal has one output only.
            !tty && (IsOn(query, "stderr") || IsOn(query, "error")),
            tty);
        return streams.Stdin || streams.Stdout || streams.Stderr
            ? streams
            : throw new RefusedException(StatusCodes.Status400BadRequest, "you must specify at least 1 of stdin, stdout, stderr");
    }

    private static bool IsOn(IQueryCollection query, string name) => query[name].ToString() is "1" or "true";
}

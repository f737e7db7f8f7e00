using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;
using Sealos.OsServices.Operators;

namespace Sealos.Host.Running;

/// <summary>
/// Searches the API server's audit log on this machine from its end backwards, and the files that were put aside after it: what is
/// asked for is mostly recent. Bounded in bytes and time.
/// </summary>
public sealed class AuditLogReader(string file, TimeProvider time) : IAuditLog
{
    private const int ChunkBytes = 256 * 1024;
    private const int LongestLine = 4 * 1024 * 1024;
    private const string UserPrefix = "system:serviceaccount:user-system:";
    private const string StampFormat = "yyyy-MM-dd'T'HH-mm-ss.fffffff";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    // By how much an entry may stand behind a later one.
    private static readonly TimeSpan Disorder = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    public async Task<AuditPage> SearchAsync(AuditQuery query, CancellationToken ct)
    {
        var start = time.GetTimestamp();
        var found = new List<AuditEntry>();
        await foreach (var line in LinesAsync(query.Since, ct).ConfigureAwait(false))
        {
            if (time.GetElapsedTime(start) > Limit)
            {
                return new AuditPage(found, false);
            }

            // Entries are written as they end, so they are nearly in order; a watch ends long after it began, but is looked at by its end.
            if (query.Since is { } since && TimeOf(line) + Disorder < since)
            {
                break;
            }

            if (!MayHold(line, query) || Read(line) is not { } entry || !Holds(entry, query))
            {
                continue;
            }

            found.Add(entry);
            if (found.Count == query.Limit)
            {
                break;
            }
        }

        return new AuditPage(found, true);
    }

    /// <summary>An entry of a line; null for what is none, or tells only that a request has come.</summary>
    internal static AuditEntry? Read(ReadOnlySpan<byte> line)
    {
        try
        {
            if (JsonNode.Parse(line) is not JsonObject json || json.Text("stage") is not ("ResponseComplete" or "Panic") || !DateTimeOffset.TryParse(json.Text("stageTimestamp"), CultureInfo.InvariantCulture, out var at))
            {
                return null;
            }

            var (target, status) = (json.Child("objectRef"), json.Child("responseStatus"));
            var (user, acting) = WhoOf(json);
            return new AuditEntry(
                at, user, acting, json.Text("verb") ?? "", ResourceOf(target) ?? PathOf(json), target.Text("namespace"), target.Text("name"),
                (int)(status.Number("code") ?? 0), json.Texts("sourceIPs").FirstOrDefault(), status.Text("message"));
        }
        catch (JsonException)
        {
            // Half a line, where the server was killed.
            return null;
        }
    }

    // What is done in a session that an operator has opened of somebody is the operator's deed.
    private static (string User, string? ActingAs) WhoOf(JsonObject json)
    {
        var user = json.Child("user");
        var name = user.Text("username") ?? "";
        return OperatorSessions.OperatorOf(user.Child("extra").Texts(OperatorSessions.SecretNameExtra).FirstOrDefault()) is { } by
            ? (by, name)
            : (name, json.Child("impersonatedUser").Text("username"));
    }

    /// <summary>When an entry was written, without parsing the rest of it; null where that cannot be told. Only the entry's own word counts, not what somebody wrote into an object in it.</summary>
    internal static DateTimeOffset? TimeOf(ReadOnlySpan<byte> line)
    {
        try
        {
            var reader = new Utf8JsonReader(line);
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isTime = reader.ValueTextEquals("stageTimestamp"u8);
                reader.Read();
                if (isTime)
                {
                    return reader.TokenType == JsonTokenType.String && reader.TryGetDateTimeOffset(out var at) ? at : null;
                }

                reader.Skip();
            }
        }
        catch (JsonException)
        {
            // Half a line, where the server was killed.
        }

        return null;
    }

    private static string? ResourceOf(JsonObject? target)
    {
        var (resource, group, part) = (target.Text("resource"), target.Text("apiGroup"), target.Text("subresource"));
        return resource is null ? null : $"{resource}{(group is null ? "" : "." + group)}{(part is null ? "" : "/" + part)}";
    }

    private static string PathOf(JsonObject json) => (json.Text("requestURI") ?? "").Split('?')[0];

    // Most lines are passed by without being parsed. Group and part of a resource stand elsewhere than its name.
    private static bool MayHold(ReadOnlySpan<byte> line, AuditQuery query) =>
        Has(line, query.Namespace) && Has(line, query.User) && Has(line, query.Verb) && Has(line, query.Resource?.Split('.', '/')[0])
        && (query.Text is null || Encoding.UTF8.GetString(line).Contains(query.Text, StringComparison.OrdinalIgnoreCase));

    private static bool Has(ReadOnlySpan<byte> line, string? text) => text is null || line.IndexOf(Encoding.UTF8.GetBytes(text)) >= 0;

    private static bool Holds(AuditEntry entry, AuditQuery query) =>
        (query.User is null || IsUser(entry.User, query.User) || IsUser(entry.ActingAs, query.User))
        && (query.Namespace is null || entry.Namespace == query.Namespace || (entry.Resource == "namespaces" && entry.Name == query.Namespace))
        && (query.Verb is null || entry.Verb == query.Verb)
        && (query.Resource is null || entry.Resource == query.Resource || entry.Resource.Split('.', '/')[0] == query.Resource)
        && !(entry.Time < query.Since) && !(entry.Time > query.Until);

    private static bool IsUser(string? name, string wanted) =>
        name == wanted || (name?.Length == UserPrefix.Length + wanted.Length && name.StartsWith(UserPrefix, StringComparison.Ordinal) && name.EndsWith(wanted, StringComparison.Ordinal));

    private IEnumerable<string> Files(DateTimeOffset? since)
    {
        var (folder, stem, extension) = (Path.GetDirectoryName(file)!, Path.GetFileNameWithoutExtension(file), Path.GetExtension(file));
        return Directory.Exists(folder)
            ? Directory.GetFiles(folder, $"{stem}-????-??-??T*{extension}").Where(f => !(PutAsideAt(f, stem) + Disorder < since)).OrderDescending(StringComparer.Ordinal).Prepend(file)
            : [];
    }

    // A file bears the time after its last entry.
    private static DateTimeOffset? PutAsideAt(string path, string stem) =>
        DateTimeOffset.TryParseExact(Path.GetFileNameWithoutExtension(path)[(stem.Length + 1)..], StampFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : null;

    private async IAsyncEnumerable<byte[]> LinesAsync(DateTimeOffset? since, [EnumeratorCancellation] CancellationToken ct)
    {
        foreach (var path in Files(since))
        {
            FileStream stream;
            try
            {
                stream = new FileStream(path, new FileStreamOptions { Access = FileAccess.Read, Share = FileShare.ReadWrite | FileShare.Delete, Options = FileOptions.Asynchronous, BufferSize = 0 });
            }
            catch (FileNotFoundException)
            {
                // Put aside, or deleted for its age, a moment ago.
                continue;
            }

            await using (stream.ConfigureAwait(false))
            {
                await foreach (var line in LinesAsync(stream, ct).ConfigureAwait(false))
                {
                    yield return line;
                }
            }
        }
    }

    /// <summary>The lines of a file, the last first.</summary>
    internal static async IAsyncEnumerable<byte[]> LinesAsync(Stream stream, [EnumeratorCancellation] CancellationToken ct)
    {
        var chunk = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        var rest = new List<byte[]>();
        var restBytes = 0;
        try
        {
            for (var end = stream.Length; end > 0;)
            {
                var size = (int)Math.Min(ChunkBytes, end);
                end -= size;
                stream.Position = end;
                await stream.ReadExactlyAsync(chunk.AsMemory(0, size), ct).ConfigureAwait(false);
                var until = size;
                for (var at = chunk.AsSpan(0, until).LastIndexOf((byte)'\n'); at >= 0; at = chunk.AsSpan(0, until).LastIndexOf((byte)'\n'))
                {
                    if (Join(chunk.AsSpan(at + 1, until - at - 1), rest) is { Length: > 0 } line)
                    {
                        yield return line;
                    }

                    rest.Clear();
                    (restBytes, until) = (0, at);
                }

                // A line that nobody could have written is passed over.
                restBytes += until;
                if (restBytes <= LongestLine)
                {
                    rest.Add(chunk.AsSpan(0, until).ToArray());
                }
            }

            if (Join([], rest) is { Length: > 0 } first)
            {
                yield return first;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }

    // Pieces were found from the end backwards.
    private static byte[] Join(ReadOnlySpan<byte> head, List<byte[]> rest)
    {
        var line = new byte[head.Length + rest.Sum(r => r.Length)];
        head.CopyTo(line);
        var at = head.Length;
        for (var i = rest.Count - 1; i >= 0; i--)
        {
            rest[i].CopyTo(line, at);
            at += rest[i].Length;
        }

        return line;
    }
}

using System.Globalization;
using System.Text.Json.Nodes;
using Sealos.ApiServer.Tests.Support;

namespace Sealos.ApiServer.Tests.Linearizability;

/// <summary>A list as it was answered: the revision it says it is at, and each object's revision and value.</summary>
internal sealed record Listed(long Revision, IReadOnlyDictionary<string, (long Revision, int Value)> Items);

/// <summary>One of many who write and read the same few objects, and writes down each call with its answer.</summary>
internal sealed class HistoryClient(History history, int seed)
{
    private readonly Random _random = new(seed);
    private readonly Dictionary<string, long> _known = history.Keys.ToDictionary(k => k, _ => 0L);

    /// <summary>Makes one call, chosen at random.</summary>
    public async Task StepAsync(ApiClient client)
    {
        var key = history.Keys[_random.Next(history.Keys.Count)];
        var die = _random.Next(20);
        if (die == 0)
        {
            await ListAsync(client);
            return;
        }

        var verb = _known[key] == 0 && _random.Next(2) == 0
            ? Verb.Create
            : die switch { < 6 => Verb.Get, < 12 => Verb.Update, < 16 => Verb.Patch, < 17 => Verb.Create, _ => Verb.Delete };
        long? expected = verb is Verb.Get or Verb.Create || _known[key] == 0 || _random.Next(3) == 0 ? null : _known[key];
        var call = new ApiCall(verb, key, expected, verb is Verb.Get or Verb.Delete ? 0 : history.NextValue()) { Called = history.Now() };
        history.Begin();
        try
        {
            call = Judge(call, await SendAsync(client, call)) with { Answered = history.Now() };
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            // Whether it happened is not known; not after the server's end, in any case, which History fills in.
            call = call with { Outcome = Outcome.Unknown, Answered = long.MaxValue };
        }

        _known[key] = call.Outcome == Outcome.Done ? call.Revision : 0;
        history.End(call);
    }

    private static Task<ApiAnswer> SendAsync(ApiClient client, ApiCall call)
    {
        var path = $"{History.Path}/{call.Key}";
        var version = call.Expected is { } expected ? $",\"resourceVersion\":\"{expected}\"" : "";
        var body = $$$"""{"metadata":{"name":"{{{call.Key}}}"{{{version}}}},"data":{"value":"{{{call.Value}}}"}}""";
        return call.Verb switch
        {
            Verb.Get => client.GetAsync(path),
            Verb.Create => client.PostAsync(History.Path, body),
            Verb.Update => client.PutAsync(path, body),
            Verb.Patch => client.PatchAsync(path, body),
            _ => client.DeleteAsync(path, version.Length == 0 ? null : $$$"""{"preconditions":{{{{version[1..]}}}}}"""),
        };
    }

    private static ApiCall Judge(ApiCall call, ApiAnswer answer) => (answer.Code, answer.Code < 300 ? null : answer.Reason) switch
    {
        (200 or 201, _) when call.Verb == Verb.Delete => call with { Outcome = Outcome.Done },
        (200 or 201, _) => call with { Outcome = Outcome.Done, Revision = RevisionOf(answer.Json), Value = ValueOf(answer.Json, call) },
        (404, "NotFound") => call with { Outcome = Outcome.NotFound },
        (409, "AlreadyExists") => call with { Outcome = Outcome.AlreadyExists },
        (409, "Conflict") => call with { Outcome = Outcome.Conflict },
        _ => throw new InvalidOperationException($"{call}: {answer.Code} {answer.Text}"),
    };

    private async Task ListAsync(ApiClient client)
    {
        var called = history.Now();
        try
        {
            var list = Read((await client.GetAsync(History.Path)).Expect(200));
            history.Add(list, called);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            // A read without an answer says nothing.
        }
    }

    /// <summary>A list of the objects, without what is not theirs.</summary>
    public static Listed Read(ApiAnswer answer) => new(
        long.Parse(answer.At("metadata.resourceVersion")!, CultureInfo.InvariantCulture),
        answer.Json["items"]!.AsArray().Where(i => i!["data"]?["value"] is not null).ToDictionary(i => (string)i!["metadata"]!["name"]!, i => (RevisionOf(i!), ValueOf(i!))));

    public static long RevisionOf(JsonNode obj) => long.Parse((string)obj["metadata"]!["resourceVersion"]!, CultureInfo.InvariantCulture);

    public static int ValueOf(JsonNode obj) => int.Parse((string)obj["data"]!["value"]!, CultureInfo.InvariantCulture);

    // The answer to a write is what was written, and nobody else's.
    private static int ValueOf(JsonNode obj, ApiCall call) =>
        ValueOf(obj) is var value && (call.Verb == Verb.Get || value == call.Value) ? value : throw new InvalidOperationException($"{call} was answered with the value {value}");
}

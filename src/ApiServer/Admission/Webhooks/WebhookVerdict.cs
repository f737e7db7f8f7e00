using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Admission.Webhooks;

/// <summary>A webhook could not be asked, or what it answered is not an answer.</summary>
internal sealed class WebhookFailure(string why) : Exception(why);

/// <summary>What a webhook answered.</summary>
internal sealed class WebhookVerdict
{
    private const int MaxWarnings = 32;
    private const int MaxWarningLength = 256;

    private readonly JsonObject _response;

    private WebhookVerdict(JsonObject response, JsonArray? patch)
    {
        _response = response;
        Patch = patch;
    }

    public bool IsAllowed => _response.Flag("allowed") == true;

    /// <summary>What is to be changed; null when nothing is.</summary>
    public JsonArray? Patch { get; }

    public IEnumerable<string> Warnings =>
        _response.Texts("warnings").Take(MaxWarnings).Select(text => text.Length > MaxWarningLength ? text[..MaxWarningLength] : text);

    public IEnumerable<KeyValuePair<string, string>> AuditAnnotations => _response.TextMap("auditAnnotations") ?? new Dictionary<string, string>();

    /// <summary>Reads and checks an answer.</summary>
    /// <exception cref="WebhookFailure">It is not an answer to the question.</exception>
    public static WebhookVerdict Read(ReadOnlyMemory<byte> body, string uid, bool mayPatch)
    {
        var review = Parse(body, "could not get REST client response");
        const string Invalid = "received invalid webhook response: ";
        if (review is not JsonObject answer || answer.Child("response") is not { } response)
        {
            throw new WebhookFailure(Invalid + "webhook response was absent");
        }

        if (response.Text("uid") != uid)
        {
            throw new WebhookFailure($"{Invalid}expected response.uid=\"{uid}\", got \"{response.Text("uid")}\"");
        }

        var (version, kind) = (answer.Text("apiVersion") ?? "", answer.Text("kind") ?? "");
        if (version != "admission.k8s.io/v1" || kind != "AdmissionReview")
        {
            throw new WebhookFailure($"{Invalid}expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got {version}, Kind={kind}");
        }

        return new WebhookVerdict(response, ReadPatch(response, mayPatch));
    }

    /// <summary>The refusal as the client gets it.</summary>
    public ApiException Refusal(string webhook)
    {
        var status = _response.Child("status");
        var code = (int)(status.Number("code") ?? 0);
        var denied = $"admission webhook \"{webhook}\" denied the request";
        var (message, reason) = (status.Text("message"), status.Text("reason"));
        var text = !string.IsNullOrEmpty(message) ? $"{denied}: {message}" : !string.IsNullOrEmpty(reason) ? $"{denied}: {reason}" : $"{denied} without explanation";
        var details = status.Child("details");
        return new ApiException(code is >= 400 and < 600 ? code : 400, string.IsNullOrEmpty(reason) ? null : reason, text)
        {
            Details = details is null ? null : new StatusDetails
            {
                Name = details.Text("name"),
                Group = details.Text("group"),
                Kind = details.Text("kind"),
                Uid = details.Text("uid"),
                RetryAfterSeconds = (int)Math.Clamp(details.Number("retryAfterSeconds") ?? 0, 0, int.MaxValue),
                Causes = [.. details.Objects("causes").Select(c => new StatusCause(c.Text("reason"), c.Text("message") ?? "", c.Text("field")))],
            },
        };
    }

    private static JsonArray? ReadPatch(JsonObject response, bool mayPatch)
    {
        var (patch, type) = (response.Text("patch") ?? "", response.Text("patchType"));
        var problem = (patch.Length > 0, type is not null, mayPatch) switch
        {
            (true, _, false) => "validating webhook may not return response.patch",
            (false, true, false) => "validating webhook may not return response.patchType",
            (true, false, _) => "webhook returned response.patch but not response.patchType",
            (false, true, _) => "webhook returned response.patchType but not response.patch",
            _ => null,
        };
        if (problem is not null)
        {
            throw new WebhookFailure("received invalid webhook response: " + problem);
        }

        if (patch.Length == 0)
        {
            return null;
        }

        if (type != "JSONPatch")
        {
            throw new WebhookFailure($"unsupported patch type \"{type}\"");
        }

        var bytes = new byte[patch.Length];
        return Convert.TryFromBase64String(patch, bytes, out var length) && Parse(bytes.AsMemory(0, length), "received undecodable patch in webhook response") is JsonArray operations
            ? operations
            : throw new WebhookFailure("received undecodable patch in webhook response: a list of operations in base64 is expected");
    }

    private static JsonNode? Parse(ReadOnlyMemory<byte> json, string problem)
    {
        try
        {
            return JsonText.ParseNode(json);
        }
        catch (DecodeException e)
        {
            throw new WebhookFailure($"{problem}: {e.Message}");
        }
    }
}

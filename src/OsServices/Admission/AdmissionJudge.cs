using System.Text;
using System.Text.Json.Nodes;

namespace Sealos.OsServices.Admission;

/// <summary>Asks the rules about a write, in their order; the first that refuses is the answer.</summary>
internal sealed class AdmissionJudge(AdmissionRules rules, IAdmissionFacts facts)
{
    /// <summary>The answer to a review that may be refused.</summary>
    public async Task<JsonObject> ValidateAsync(AdmissionRequest request, CancellationToken ct)
    {
        foreach (var rule in rules.All)
        {
            if (rule.Concerns(request) && await rule.JudgeAsync(request, facts, ct).ConfigureAwait(false) is { } refusal)
            {
                return Refuse(request.Uid, refusal);
            }
        }

        return Answer(request.Uid, new JsonObject { ["allowed"] = true });
    }

    /// <summary>The answer that refuses.</summary>
    public static JsonObject Refuse(string uid, Refusal refusal) => Answer(uid, new JsonObject
    {
        ["allowed"] = false,
        ["status"] = new JsonObject { ["code"] = refusal.Code, ["reason"] = refusal.Code switch { 403 => "Forbidden", 429 => "TooManyRequests", _ => "InternalError" }, ["message"] = refusal.Message },
    });

    /// <summary>The answer to a review that may change the object, and refuses what cannot be made as it must be.</summary>
    public JsonObject Mutate(AdmissionRequest request)
    {
        var response = new JsonObject { ["allowed"] = true };
        var patches = rules.Patches.Where(p => p.Scopes.Any(s => s.Matches(request))).ToList();
        if (patches.Select(p => p.Refuse(request)).FirstOrDefault(r => r is not null) is { } refusal)
        {
            return Refuse(request.Uid, refusal);
        }

        JsonNode[] operations = [.. patches.SelectMany(p => p.Patch(request))];
        if (operations.Length > 0)
        {
            response["patchType"] = "JSONPatch";
            response["patch"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(new JsonArray(operations).ToJsonString()));
        }

        return Answer(request.Uid, response);
    }

    private static JsonObject Answer(string uid, JsonObject response)
    {
        response["uid"] = uid;
        return new JsonObject { ["apiVersion"] = "admission.k8s.io/v1", ["kind"] = "AdmissionReview", ["response"] = response };
    }
}

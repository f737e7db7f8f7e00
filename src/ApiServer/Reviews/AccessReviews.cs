using System.Text.Json.Nodes;
using Sealos.ApiServer.Authentication;
using Sealos.ApiServer.Authorization;
using Sealos.Objects.Serialization;
using Sealos.Objects.Validation;

namespace Sealos.ApiServer.Reviews;

/// <summary>What somebody may do.</summary>
internal sealed class AccessReviews(Authorizer authorizer)
{
    public JsonObject ReviewSelf(UserInfo user, JsonObject review) => Decide(user, review);

    public JsonObject ReviewSubject(JsonObject review) => Decide(Subject(review), review);

    public JsonObject ReviewLocal(JsonObject review, string @namespace)
    {
        var given = review.Child("spec", "resourceAttributes").Text("namespace") ?? "";
        return given == @namespace
            ? Decide(Subject(review), review)
            : throw ApiException.Invalid("authorization.k8s.io", "LocalSubjectAccessReview", "", new FieldError(FieldErrorType.Invalid, "spec.resourceAttributes.namespace", $"\"{given}\"", "must match metadata.namespace"));
    }

    public JsonObject ReviewRules(UserInfo user, JsonObject review)
    {
        var scope = review.Child("spec").Text("namespace");
        if (string.IsNullOrEmpty(scope))
        {
            throw ApiException.BadRequest("no namespace on request");
        }

        var rules = authorizer.RulesFor(user, scope);
        var isPartial = authorizer.HasUnlistedRights(user);
        var status = new JsonObject
        {
            ["resourceRules"] = new JsonArray([.. rules.ResourceRules.Select(ResourceRule)]),
            ["nonResourceRules"] = new JsonArray([.. rules.NonResourceRules.Select(NonResourceRule)]),
            ["incomplete"] = isPartial,
        };
        if (isPartial)
        {
            status["evaluationError"] = "node authorizer does not support user rule resolution";
        }

        return status;
    }

    private JsonObject Decide(UserInfo user, JsonObject review)
    {
        var decision = authorizer.Authorize(Attributes(user, review));
        var status = new JsonObject { ["allowed"] = decision.IsAllowed };
        if (decision.Reason.Length > 0)
        {
            status["reason"] = decision.Reason;
        }

        return status;
    }

    private static UserInfo Subject(JsonObject review)
    {
        var spec = review.Child("spec");
        var name = spec.Text("user") ?? "";
        var groups = spec.Texts("groups").ToArray();
        if (name.Length == 0 && groups.Length == 0)
        {
            throw ApiException.Invalid("authorization.k8s.io", review.Text("kind")!, "", new FieldError(FieldErrorType.Invalid, "spec.user", "\"\"", "at least one of user or group must be specified"));
        }

        return new UserInfo(name, spec.Text("uid"), groups, UserInfo.NoExtra);
    }

    private static AuthorizationAttributes Attributes(UserInfo user, JsonObject review)
    {
        var spec = review.Child("spec");
        if (spec.Child("resourceAttributes") is { } resource)
        {
            return new AuthorizationAttributes(user, resource.Text("verb") ?? "")
            {
                Group = resource.Text("group") ?? "",
                Resource = resource.Text("resource") ?? "",
                Subresource = NullIfEmpty(resource.Text("subresource")),
                Namespace = NullIfEmpty(resource.Text("namespace")),
                Name = NullIfEmpty(resource.Text("name")),
            };
        }

        if (spec.Child("nonResourceAttributes") is { } path)
        {
            return new AuthorizationAttributes(user, path.Text("verb") ?? "") { Path = path.Text("path") ?? "" };
        }

        throw ApiException.Invalid("authorization.k8s.io", review.Text("kind")!, "", new FieldError(FieldErrorType.Invalid, "spec.resourceAttributes", "null", "exactly one of nonResourceAttributes or resourceAttributes must be specified"));
    }

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static JsonNode ResourceRule(PolicyRule rule)
    {
        var json = new JsonObject { ["verbs"] = Texts(rule.Verbs), ["apiGroups"] = Texts(rule.ApiGroups), ["resources"] = Texts(rule.Resources) };
        if (rule.ResourceNames.Count > 0)
        {
            json["resourceNames"] = Texts(rule.ResourceNames);
        }

        return json;
    }

    private static JsonNode NonResourceRule(PolicyRule rule) =>
        new JsonObject { ["verbs"] = Texts(rule.Verbs), ["nonResourceURLs"] = Texts(rule.NonResourceUrls) };

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(t => (JsonNode)t)]);
}

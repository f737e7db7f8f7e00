using System.Text.Json.Nodes;
using Sealos.ApiServer.Authentication;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Reviews;

/// <summary>Who somebody is.</summary>
internal sealed class IdentityReviews(TokenAuthenticator tokens)
{
    /// <summary>Whose token this is.</summary>
    public JsonObject ReviewToken(JsonObject review)
    {
        var spec = review.Child("spec");
        var token = spec.Text("token");
        if (string.IsNullOrEmpty(token))
        {
            throw ApiException.BadRequest("token is required for TokenReview in authentication");
        }

        var audiences = spec.Texts("audiences").ToArray();
        if (tokens.Authenticate(token, audiences.Length > 0 ? audiences : null) is not { } identity)
        {
            return new JsonObject { ["user"] = new JsonObject(), ["error"] = "invalid bearer token" };
        }

        return new JsonObject { ["authenticated"] = true, ["user"] = UserJson(identity.User.AsAuthenticated()), ["audiences"] = TextArray(identity.Audiences) };
    }

    /// <summary>Who is asking.</summary>
    public JsonObject ReviewSelf(UserInfo user) => new() { ["userInfo"] = UserJson(user) };

    private static JsonObject UserJson(UserInfo user)
    {
        var json = new JsonObject { ["username"] = user.Name };
        if (user.Uid is not null)
        {
            json["uid"] = user.Uid;
        }

        json["groups"] = TextArray(user.Groups);
        if (user.Extra.Count > 0)
        {
            var extra = new JsonObject();
            foreach (var (name, values) in user.Extra)
            {
                extra[name] = TextArray(values);
            }

            json["extra"] = extra;
        }

        return json;
    }

    private static JsonArray TextArray(IEnumerable<string> texts) => new([.. texts.Select(t => (JsonNode)t)]);
}

using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealos.ApiServer.Authentication;
using Sealos.ApiServer.Http;
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
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        writer.WriteUser(user);
        writer.WriteEndObject();
        writer.Flush();
        return (JsonObject)JsonText.ParseNode(buffer.WrittenMemory)!;
    }

    private static JsonArray TextArray(IEnumerable<string> texts) => new([.. texts.Select(t => (JsonNode)t)]);
}

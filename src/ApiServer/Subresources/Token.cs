using System.Globalization;
using System.Text.Json.Nodes;
using Sealos.ApiServer.Admission;
using Sealos.ApiServer.Authentication;
using Sealos.ApiServer.Http;
using Sealos.ApiServer.Registry;
using Sealos.Objects.Schema;
using Sealos.Objects.Serialization;
using Sealos.Objects.Validation;

namespace Sealos.ApiServer.Subresources;

/// <summary>Issues a token for a service account.</summary>
internal sealed class Token(TokenIssuer issuer, AdmissionChain admission, ResourceRegistry registry, TimeProvider time)
{
    private const long MinSeconds = 600;
    private const long MaxSeconds = 1L << 32;
    private static readonly KindSchema TokenRequestKind = KubeSchema.Default.FindKind("authentication.k8s.io/v1", "TokenRequest")!;
    private static readonly PartKind AsPart = new(TokenRequestKind, "token");

    public async Task HandleAsync(ApiRequest request)
    {
        var http = request.Http.Request;
        var options = WriteOptions.Parse(request.Query, "CreateOptions");

        // Steps 4 and 5: the body is read, decoded and completed.
        var bytes = BodyReader.Read(http);
        var context = request.WriteContext(options.DryRun);
        var body = ObjectDecoder.Complete(BodyReader.Decode(bytes, BodyReader.MediaType(http), "TokenRequest"), TokenRequestKind, options.FieldValidation, context.Warnings);
        var account = request.Resource.Cache.Get(request.Namespace, request.Name) ?? throw request.Resource.NotFound(request.Name);

        // Steps 6 and 8: admission changes and judges the request.
        await admission.PostAsync(request, context, body, (AsPart, request.Name)).ConfigureAwait(false);
        var spec = body.Child("spec");
        var seconds = spec.Number("expirationSeconds") ?? 3600;
        CheckSeconds(seconds);
        var issued = issuer.Issue(Bind(new TokenSpec(request.Namespace, new TokenReference(request.Name, account.Uid))
        {
            Audiences = [.. spec.Texts("audiences")],
            ExpirationSeconds = seconds,
        }, spec.Child("boundObjectRef")));

        var metadata = ObjectCreator.MetadataOf(body);
        metadata["name"] = request.Name;
        metadata["namespace"] = request.Namespace;
        metadata["creationTimestamp"] = KubeTime.Format(time.GetUtcNow());
        body["status"] = new JsonObject { ["token"] = issued.Token, ["expirationTimestamp"] = KubeTime.Format(issued.ExpirationTimestamp) };
        Answer.Warn(request.Http, context.Warnings);
        await Answer.SendAsync(request.Http, 201, JsonText.Write(body), request.Output.IsPretty).ConfigureAwait(false);
    }

    private static void CheckSeconds(long seconds)
    {
        if (seconds < MinSeconds)
        {
            throw Invalid("spec.expirationSeconds", seconds.ToString(CultureInfo.InvariantCulture), "may not specify a duration less than 10 minutes");
        }

        if (seconds > MaxSeconds)
        {
            throw Invalid("spec.expirationSeconds", seconds.ToString(CultureInfo.InvariantCulture), "may not specify a duration larger than 2^32 seconds");
        }
    }

    private TokenSpec Bind(TokenSpec spec, JsonObject? bound)
    {
        if (bound is null)
        {
            return spec;
        }

        var name = bound.Text("name") ?? "";
        var (plural, scope) = bound.Text("kind") switch
        {
            "Pod" => ("pods", spec.Namespace),
            "Secret" => ("secrets", spec.Namespace),
            "Node" => ("nodes", ""),
            var other => throw ApiException.BadRequest($"cannot bind token to object of type {bound.Text("apiVersion")}, Kind={other}"),
        };
        var target = registry.Get("", plural).Cache.Get(scope, name) ?? throw ApiException.NotFound("", plural, name);
        if (bound.Text("uid") is { Length: > 0 } uid && uid != target.Uid)
        {
            throw ApiException.Conflict("", plural, name, $"the UID in the bound object reference ({uid}) does not match the UID in record. The object might have been deleted and then recreated");
        }

        var reference = new TokenReference(name, target.Uid);
        return plural switch
        {
            "pods" => BindPod(spec with { Pod = reference }, target.Parse()),
            "secrets" => spec with { Secret = reference },
            _ => spec with { Node = reference },
        };
    }

    /// <summary>A pod's token also names the node it runs on, so that it ends with that node.</summary>
    private TokenSpec BindPod(TokenSpec spec, JsonObject pod)
    {
        var podSpec = pod.Child("spec");
        if (podSpec.Text("serviceAccountName") != spec.ServiceAccount.Name)
        {
            throw ApiException.BadRequest($"cannot bind token for serviceaccount \"{spec.ServiceAccount.Name}\" to pod running with different serviceaccount name.");
        }

        var node = podSpec.Text("nodeName") is { Length: > 0 } name ? registry.Get("", "nodes").Cache.Get("", name) : null;
        return node is null ? spec : spec with { Node = new TokenReference(node.Name, node.Uid) };
    }

    private static ApiException Invalid(string field, string value, string detail) =>
        ApiException.Invalid("authentication.k8s.io", "TokenRequest", "", new FieldError(FieldErrorType.Invalid, field, value, detail));
}

using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Sealos.ApiServer.Http;
using Sealos.Objects.Serialization;
using Sealos.Objects.Validation;

namespace Sealos.ApiServer.Proxy;

/// <summary>What the kubelet serves about a pod: its logs, commands in it, its terminal and its ports.</summary>
internal sealed class NodeStreams(NodeLocator nodes, KubeletClient kubelets, UpgradeTunnel tunnel)
{
    private static readonly string[] LogParameters = ["follow", "previous", "sinceSeconds", "sinceTime", "timestamps", "tailLines", "limitBytes"];

    // Names in the API and in the kubelet's own paths.
    private static readonly (string Api, string Kubelet)[] StreamFlags = [("stdin", "input"), ("stdout", "output"), ("stderr", "error"), ("tty", "tty")];

    /// <summary>Streams a container's log.</summary>
    public async Task LogAsync(ApiRequest request)
    {
        CheckLogOptions(request);
        var pod = FindPod(request);
        var container = ContainerChoice.Choose(pod, request.Parameter("container"));
        var response = request.Http.Response;
        response.ContentType = "text/plain";
        if (pod.Child("spec").Text("nodeName") is not { Length: > 0 } node)
        {
            // Not on a node yet: it has written nothing.
            response.ContentLength = 0;
            return;
        }

        var target = Target(node, $"/containerLogs/{Escape(request.Namespace)}/{Escape(request.Name)}/{Escape(container)}", LogQuery(request));
        if (UpgradeTunnel.IsUpgrade(request.Http))
        {
            await tunnel.RunAsync(request.Http, target, toKubelet: true).ConfigureAwait(false);
            return;
        }

        using var message = new HttpRequestMessage(HttpMethod.Get, target);
        using var answer = await SendAsync(message, target, request.Aborted).ConfigureAwait(false);
        if (!answer.IsSuccessStatusCode)
        {
            throw KubeletErrors.From((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(request.Aborted).ConfigureAwait(false));
        }

        await StreamCopy.CopyAsync(answer, response, request.Aborted).ConfigureAwait(false);
    }

    /// <summary>Connects exec, attach or portforward through to the kubelet.</summary>
    public Task ConnectAsync(ApiRequest request, string what)
    {
        var pod = FindPod(request);
        var name = request.Name;
        var scope = Escape(request.Namespace);
        string path;
        string query;
        if (what == "portforward")
        {
            path = $"/portForward/{scope}/{Escape(name)}";
            query = Query([.. request.Query["ports"].Select(p => ("port", p ?? ""))]);
        }
        else
        {
            var container = ContainerChoice.Choose(pod, request.Parameter("container"));
            path = $"/{what}/{scope}/{Escape(name)}/{Escape(container)}";
            query = StreamQuery(request, what);
        }

        if (pod.Child("spec").Text("nodeName") is not { Length: > 0 } node)
        {
            throw ApiException.BadRequest($"pod {name} does not have a host assigned");
        }

        return UpgradeTunnel.IsUpgrade(request.Http)
            ? tunnel.RunAsync(request.Http, Target(node, path, query), toKubelet: true)
            : throw ApiException.BadRequest("Upgrade request required");
    }

    private static JsonObject FindPod(ApiRequest request) =>
        request.Resource.Cache.Get(request.Namespace, request.Name)?.Parse() ?? throw request.Resource.NotFound(request.Name);

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage message, Uri target, CancellationToken cancellationToken)
    {
        try
        {
            return await kubelets.SendAsync(message, toKubelet: true, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (KubeletErrors.IsUnreachable(e, cancellationToken))
        {
            throw KubeletErrors.Unreachable(target, e);
        }
    }

    private Uri Target(string node, string path, string query) => new UriBuilder(nodes.Kubelet(node)) { Path = path, Query = query }.Uri;

    private static string LogQuery(ApiRequest request) =>
        Query([.. LogParameters.Select(p => (p, request.Parameter(p))).Where(p => p.Item2.Length > 0)]);

    private static string StreamQuery(ApiRequest request, string what)
    {
        var parameters = StreamFlags.Where(f => request.Flag(f.Api)).Select(f => (f.Kubelet, "1")).ToList();
        if (what == "exec")
        {
            parameters.AddRange(request.Query["command"].Select(c => ("command", c ?? "")));
        }

        return Query(parameters);
    }

    private static string Query(IEnumerable<(string Name, string Value)> parameters)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in parameters)
        {
            text.Append(text.Length == 0 ? "" : "&").Append(name).Append('=').Append(Uri.EscapeDataString(value));
        }

        return text.ToString();
    }

    private static string Escape(string part) => Uri.EscapeDataString(part);

    private static void CheckLogOptions(ApiRequest request)
    {
        if (request.Parameter("sinceSeconds").Length > 0 && request.Parameter("sinceTime").Length > 0)
        {
            throw Invalid(request, FieldErrorType.Forbidden, "[]", null, "at most one of `sinceTime` or `sinceSeconds` may be specified");
        }

        CheckNumber(request, "tailLines", 0, "must be greater than or equal to 0");
        CheckNumber(request, "limitBytes", 1, "must be greater than 0");
        CheckNumber(request, "sinceSeconds", 1, "must be greater than 0");
    }

    private static void CheckNumber(ApiRequest request, string name, long least, string rule)
    {
        if (request.Number(name) is { } value && value < least)
        {
            throw Invalid(request, FieldErrorType.Invalid, name, value.ToString(CultureInfo.InvariantCulture), rule);
        }
    }

    private static ApiException Invalid(ApiRequest request, FieldErrorType type, string field, string? value, string detail) =>
        ApiException.Invalid("", "PodLogOptions", request.Name, new FieldError(type, field, value, detail));
}

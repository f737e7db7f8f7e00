using Microsoft.AspNetCore.Http;
using Sealos.ApiServer.Http;
using Xunit;

namespace Sealos.ApiServer.Tests.Http;

public sealed class RequestInfoParserTests
{
    [Theory]
    [InlineData("GET", "/api/v1/pods", "list||v1||pods||")]
    [InlineData("GET", "/api/v1/pods?watch=1", "watch||v1||pods||")]
    [InlineData("GET", "/api/v1/pods?watch=false", "list||v1||pods||")]
    [InlineData("GET", "/api/v1/watch/pods", "watch||v1||pods||")]
    [InlineData("POST", "/api/v1/namespaces/a/pods", "create||v1|a|pods||")]
    [InlineData("GET", "/api/v1/namespaces/a/pods/p", "get||v1|a|pods|p|")]
    [InlineData("GET", "/api/v1/namespaces/a/pods/p/log", "get||v1|a|pods|p|log")]
    [InlineData("GET", "/api/v1/namespaces/a", "get||v1|a|namespaces|a|")]
    [InlineData("PUT", "/api/v1/namespaces/a/finalize", "update||v1|a|namespaces|a|finalize")]
    [InlineData("PATCH", "/apis/apps/v1/namespaces/a/deployments/d/scale", "patch|apps|v1|a|deployments|d|scale")]
    [InlineData("DELETE", "/apis/apps/v1/namespaces/a/deployments", "deletecollection|apps|v1|a|deployments||")]
    [InlineData("DELETE", "/api/v1/nodes/n", "delete||v1||nodes|n|")]
    public void ResourcePath_IsTakenApart(string method, string url, string expected)
    {
        var info = Parse(method, url);
        Assert.Equal(expected, $"{info.Verb}|{info.Group}|{info.Version}|{info.Namespace}|{info.Plural}|{info.Name}|{info.Subresource}");
    }

    [Theory]
    [InlineData("GET", "/", "get")]
    [InlineData("GET", "/api/v1", "get")]
    [InlineData("GET", "/apis/apps/v1", "get")]
    [InlineData("POST", "/version", "post")]
    public void OtherPath_IsNoResource(string method, string url, string verb)
    {
        var info = Parse(method, url);
        Assert.False(info.IsResource);
        Assert.Equal(verb, info.Verb);
    }

    [Fact]
    public void ProxiedPath_KeepsItsSlashes() => Assert.Equal("/a//b/", Parse("GET", "/api/v1/namespaces/n/pods/p:80/proxy/a//b/").Rest);

    private static RequestInfo Parse(string method, string url)
    {
        var request = new DefaultHttpContext().Request;
        request.Method = method;
        var query = url.IndexOf('?');
        request.Path = query < 0 ? url : url[..query];
        request.QueryString = query < 0 ? default : new QueryString(url[query..]);
        return RequestInfoParser.Parse(request);
    }
}

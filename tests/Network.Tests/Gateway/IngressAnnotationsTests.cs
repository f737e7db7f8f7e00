using System.Net;
using Sealos.Network.Gateway.Forwarding;
using Sealos.Network.Gateway.Routing;
using Sealos.Network.Gateway.Telemetry;
using Xunit;

namespace Sealos.Network_Tests.Gateway;

public sealed class IngressAnnotationsTests
{
    private const string Nginx = "nginx.ingress.kubernetes.io/";

    [Fact]
    public void Launchpad_Annotations_AreUnderstoodWithoutAProblem()
    {
        var read = Read(
            ("kubernetes.io/ingress.class", "nginx"),
            (Nginx + "proxy-body-size", "32m"),
            (Nginx + "proxy-buffer-size", "64k"),
            (Nginx + "client-body-buffer-size", "64k"),
            (Nginx + "proxy-send-timeout", "300"),
            (Nginx + "proxy-read-timeout", "300"),
            (Nginx + "ssl-redirect", "false"),
            (Nginx + "backend-protocol", "WS"),
            (Nginx + "server-snippet", "client_header_buffer_size 64k;"),
            ("higress.io/response-header-control-remove", "X-Frame-Options"),
            ("higress.io/response-header-control-update", "Content-Security-Policy \"default-src *; frame-ancestors 'self'\"\nX-Xss-Protection \"1; mode=block\"\n"));

        Assert.Empty(read.Problems);
        Assert.Equal(32L << 20, read.Policy.MaxBodyBytes);
        Assert.Equal(TimeSpan.FromMinutes(5), read.Policy.ReadTimeout);
        Assert.Equal(TimeSpan.FromMinutes(5), read.Policy.SendTimeout);
        Assert.False(read.Policy.RedirectToHttps);
        Assert.Equal(["X-Frame-Options"], read.Policy.RemovedResponseHeaders);
        Assert.Equal(
            [KeyValuePair.Create("Content-Security-Policy", "default-src *; frame-ancestors 'self'"), KeyValuePair.Create("X-Xss-Protection", "1; mode=block")],
            read.Policy.SetResponseHeaders);
        Assert.Equal(3, read.Ignored.Count);
    }

    [Theory]
    [InlineData("proxy-body-size", "lots")]
    [InlineData("proxy-body-size", "-1")]
    [InlineData("proxy-body-size", "99999999999g")]
    [InlineData("proxy-read-timeout", "0")]
    [InlineData("proxy-read-timeout", "1h")]
    [InlineData("ssl-redirect", "maybe")]
    [InlineData("temporal-redirect", "javascript:alert(1)")]
    [InlineData("temporal-redirect", "https://$host$request_uri")]
    [InlineData("permanent-redirect", "//evil.test")]
    [InlineData("rewrite-target", "no-slash")]
    [InlineData("response-header-control-remove", "Content-Length")]
    [InlineData("response-header-control-update", "X-Odd a\u0001b")]
    [InlineData("cors-allow-headers", "a\r\nX-Evil: 1")]
    [InlineData("limit-rps", "5")]
    public void Value_ThatCannotBe_IsNamedAndTheDefaultStays(string name, string value)
    {
        var read = Read((Nginx + name, value));

        Assert.Contains(name, Assert.Single(read.Problems), StringComparison.Ordinal);
        Assert.Equivalent(new RoutePolicy(), read.Policy);
    }

    [Theory]
    [InlineData("auth-url", "https://auth.test")]
    [InlineData("auth-type", "basic")]
    [InlineData("whitelist-source-range", "everybody")]
    [InlineData("backend-protocol", "FCGI")]
    public void Protection_ThatIsNotBuilt_KeepsTheAppClosed(string name, string value) =>
        Assert.Contains(name, Read((Nginx + name, value)).Policy.Refusal, StringComparison.Ordinal);

    [Fact]
    public void SourceRanges_AdmitAndDenyAddresses()
    {
        var policy = Read((Nginx + "whitelist-source-range", "10.1.2.3/8, 192.0.2.7"), (Nginx + "denylist-source-range", "10.9.0.0/16")).Policy;

        Assert.True(policy.Admits(IPAddress.Parse("10.200.0.1")));
        Assert.True(policy.Admits(IPAddress.Parse("::ffff:192.0.2.7")));
        Assert.False(policy.Admits(IPAddress.Parse("192.0.2.8")));
        Assert.False(policy.Admits(IPAddress.Parse("10.9.1.1")));
        Assert.False(policy.Admits(null));
    }

    [Fact]
    public void Both_Spellings_NginxWins() =>
        Assert.Equal(1, Read(("higress.io/proxy-body-size", "2"), (Nginx + "proxy-body-size", "1")).Policy.MaxBodyBytes);

    [Theory]
    [InlineData("/()(.*)", "/$2", "/a/b", "/a/b")]
    [InlineData("/api(/|$)(.*)", "/$2", "/api/v1/x", "/v1/x")]
    [InlineData("/api(/|$)(.*)", "/$2", "/API", "/")]
    [InlineData("/api/?(.*)", "/$1", "/api//evil.test", "/evil.test")]
    [InlineData("/old", "/new", "/old/x", "/new")]
    [InlineData("/", "/", "/any", null)]
    [InlineData("/x/(.*)", "/y/$1/$9$x", "/x/1", "/y/1/$x")]
    public void Rewrite_FollowsThePattern(string path, string target, string request, string? expected)
    {
        var policy = new RoutePolicy { RewriteTarget = target };
        var rule = PathRule.Create(path, "Prefix", allowRegex: true);
        var route = new Route(default, "h", rule, policy, Backend.Fixed("b", "127.0.0.1:1")) { Counters = new RouteCounters() };

        Assert.True(rule.Matches(request));
        Assert.Equal(expected, RequestTarget.Rewrite(route, request));
    }

    [Theory]
    [InlineData("/(unclosed")]
    [InlineData("/(a)\\1")]
    [InlineData("/(?=a)b")]
    [InlineData("/((a{16}){16}){16}")]
    [InlineData("/a{99999}")]
    public void Pattern_ThatCouldRunLong_IsRefused(string path) =>
        Assert.Throws<FormatException>(() => PathRule.Create(path, "Prefix", allowRegex: true));

    [Fact]
    public void Pattern_AgainstAHostilePath_EndsQuickly()
    {
        var rule = PathRule.Create("/(a+)+b", "Prefix", allowRegex: true);
        var watch = System.Diagnostics.Stopwatch.StartNew();

        Assert.False(rule.Matches("/" + new string('a', 16_000)));
        Assert.True(watch.ElapsedMilliseconds < 1_000);
    }

    private static AnnotationsRead Read(params (string Key, string Value)[] annotations) =>
        IngressAnnotations.Read(annotations.ToDictionary(a => a.Key, a => a.Value));
}

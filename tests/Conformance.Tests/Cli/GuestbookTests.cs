using System.Text.Json;
using Sealos.Conformance_Tests.Upstream;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.Cli;

/// <summary>
/// An application of three parts that find each other by name: a frontend that sends what is written to the primary, and has what
/// is read from replicas, which fetch it from the primary.
/// </summary>
public sealed class GuestbookTests(CloudFixture fixture) : UpstreamStory(fixture)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    [Upstream("[sig-cli] Kubectl client Guestbook application should create and stop a working application [Conformance]")]
    public async Task Guestbook_IsCreated_TakesAnEntry_AndIsStopped()
    {
        await Fixture.LoadToolsAsync();
        var objects = string.Join(
            ',',
            [
                .. Part("primary", 1, "[ -z \"$QUERY_STRING\" ] || echo $QUERY_STRING >> /tmp/book; cat /tmp/book 2>/dev/null"),
                .. Part("replica", 2, "wget -qO- http://primary/cgi-bin/book"),
                .. Part("frontend", 2, "if [ -n \"$QUERY_STRING\" ]; then wget -qO- http://primary/cgi-bin/book?$QUERY_STRING; else wget -qO- http://replica/cgi-bin/book; fi"),
            ]);
        objects = $"{{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[{objects}]}}";
        await KubectlAsync(objects, "create", "-f", "-");
        await KubectlAsync(null, "wait", "deployment", "--all", "--for=condition=Available", "--timeout=60s");

        await Eventually.TrueAsync("the book opens", async () => (await AskAsync("")).Code == 200, Patience, Ct);
        Assert.Equal("", (await AskAsync("")).Text);
        (await AskAsync("?TestEntry")).Expect(200);
        Assert.Equal("TestEntry\n", (await AskAsync("")).Expect(200).Text);

        await KubectlAsync(objects, "delete", "--grace-period=0", "--force", "-f", "-");
        Assert.Equal("", await KubectlAsync(null, "get", "deployments,services", "--no-headers"));
        await Eventually.TrueAsync("no pod is left", async () => (await Api.GetAsync($"{Core}/pods")).Json["items"]!.AsArray().Count == 0, Patience, Ct);
    }

    private static string[] Part(string name, int replicas, string script) =>
    [
        $$$"""{"apiVersion":"v1","kind":"Service","metadata":{"name":"{{{name}}}"},"spec":{"ports":[{"port":80,"targetPort":8080}],"selector":{"app":"book","tier":"{{{name}}}"} } }""",
        $$$"""
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"{{{name}}}"},"spec":{"replicas":{{{replicas}}},"selector":{"matchLabels":{"app":"book","tier":"{{{name}}}"} },
         "template":{"metadata":{"labels":{"app":"book","tier":"{{{name}}}"} },"spec":{"terminationGracePeriodSeconds":1,"containers":[{"name":"{{{name}}}","image":"{{{CloudFixture.Tools}}}",
          "command":["sh","-c",{{{JsonSerializer.Serialize(Program(script))}}}],"ports":[{"containerPort":8080}],"readinessProbe":{"tcpSocket":{"port":8080},"periodSeconds":1}}]} } } }
        """,
    ];

    private static string Program(string script) => $$"""
        mkdir -p /tmp/w/cgi-bin; cat > /tmp/w/cgi-bin/book <<'END'
        #!/bin/sh
        printf 'Content-Type: text/plain\r\n\r\n'
        {{script}}
        END
        chmod +x /tmp/w/cgi-bin/book; exec httpd -f -p 8080 -h /tmp/w
        """;

    private Task<ApiServer.Tests.Support.ApiAnswer> AskAsync(string query) => Api.GetAsync($"{Core}/services/frontend/proxy/cgi-bin/book{query}");
}

using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Sealos.Testing;
using Sealos.Testing.Software;
using Xunit;

namespace Sealos.Software_Tests;

/// <summary>A RabbitMQ cluster whose nodes find each other through the API and know each other by name.</summary>
public sealed class RabbitMqTests(SoftwareFixture fixture) : SoftwareStory(fixture, "rabbitmq", SoftwareImages.RabbitMq)
{
    private const int Messages = 20;

    [Fact]
    public async Task RabbitMq_ScaledKilledAndRestarted_ClustersAgainAndKeepsItsMessages()
    {
        await ApplyAsync("rabbitmq.yaml");
        await RolledOutAsync("statefulset/rabbitmq");
        using var management = await ConnectAsync();
        await ClusterAsync(management, 3);
        await SendAsync(management, HttpMethod.Put, "queues/%2F/orders", """{"durable":true,"arguments":{"x-queue-type":"quorum","x-quorum-initial-group-size":3}}""");
        for (var i = 0; i < Messages; i++)
        {
            var published = await SendAsync(management, HttpMethod.Post, "exchanges/%2F/amq.default/publish", $$"""{"routing_key":"orders","payload":"order {{i}}","payload_encoding":"string","properties":{"delivery_mode":2} }""");
            Assert.True((bool)published!["routed"]!);
        }

        await KubectlAsync("scale", "statefulset/rabbitmq", "--replicas=2");
        await WaitAsync("pod/rabbitmq-2", "delete");
        await ClusterAsync(management, 2);
        await KubectlAsync("scale", "statefulset/rabbitmq", "--replicas=3");
        await RolledOutAsync("statefulset/rabbitmq");
        await ClusterAsync(management, 3);
        await KillMainProcessAsync("rabbitmq-1", "rabbitmq");
        await ClusterAsync(management, 3);
        await RestartWhileTheServerDiesAsync("statefulset/rabbitmq");
        await ClusterAsync(management, 3);

        var got = await Eventually.GetAsync("the messages", async () =>
            await SendAsync(management, HttpMethod.Post, "queues/%2F/orders/get", $$"""{"count":{{Messages + 1}},"ackmode":"ack_requeue_false","encoding":"auto"}""") is JsonArray { Count: > 0 } some ? some : null, Long, Ct);
        Assert.Equal(Enumerable.Range(0, Messages).Select(i => $"order {i}"), got.Select(m => (string)m!["payload"]!));
    }

    // Through the service's address, with the secret's name and password.
    private async Task<HttpClient> ConnectAsync()
    {
        var address = await GetAsync("service/rabbitmq", ".spec.clusterIP");
        var user = Encoding.UTF8.GetString(Convert.FromBase64String(await GetAsync("secret/rabbitmq", ".data.username")));
        var password = Encoding.UTF8.GetString(Convert.FromBase64String(await GetAsync("secret/rabbitmq", ".data.password")));

        // Every request on a connection of its own, so that each finds a node that is ready.
        var client = new HttpClient { BaseAddress = new Uri($"http://{address}:15672/api/"), Timeout = TimeSpan.FromSeconds(20) };
        client.DefaultRequestHeaders.ConnectionClose = true;
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));
        return client;
    }

    private static Task ClusterAsync(HttpClient management, int size) => Eventually.TrueAsync($"{size} nodes in the cluster", async () =>
        ((JsonArray)(await SendAsync(management, HttpMethod.Get, "nodes"))!).Count(n => (bool?)n!["running"] == true) == size, Long, Ct);

    private static async Task<JsonNode?> SendAsync(HttpClient management, HttpMethod method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        using var answer = await management.SendAsync(request, Ct);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadAsStringAsync(Ct) is { Length: > 0 } text ? JsonNode.Parse(text) : null;
    }
}

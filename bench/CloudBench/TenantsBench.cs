using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Authentication;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.OsServices.Users;
using Sealos.Testing;

namespace Sealos.Bench;

/// <summary>Users and workspaces at scale: making them, signing in beside them, the operator's pages, changes of roles, memory, and a restart.</summary>
internal static class TenantsBench
{
    private const int Turns = 200;
    private const int Together = 16;
    private const string Password = "four plain words here";

    // The services' API lets one caller ask thirty times a second.
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(40);
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(20);

    public static async Task RunAsync(int users, CancellationToken ct)
    {
        await using var cloud = await Cloud.StartAsync(ct);
        using var client = await cloud.ConnectAsync(ct);
        await Task.Delay(Settle, ct);
        var before = await Processes.MemoryAsync(cloud, ct);
        var turns = Math.Min(Turns, users);
        Figures.Head($"tenants: {users:N0} users with workspaces");
        Figures.Row("create to usable workspace, in turn", await MakeAsync(client, "turn", turns, 1, ct), "ms", "aim p95 < 1000");
        Figures.Row($"create to usable workspace, {Together} at once", await MakeAsync(client, "many", turns, Together, ct), "ms");
        var rest = Math.Max(0, users - (2 * turns));
        var start = TimeProvider.System.GetTimestamp();
        await MakeAsync(client, "rest", rest, Together, ct);
        Console.WriteLine($"{rest} more users in {TimeProvider.System.GetElapsedTime(start).TotalSeconds:0} s");
        await Task.Delay(Settle, ct);
        var after = await Processes.MemoryAsync(cloud, ct);
        Console.WriteLine($"memory of the server: {before["server"].Anonymous / 1024} to {after["server"].Anonymous / 1024} MiB RssAnon, {(after["server"].Anonymous - before["server"].Anonymous) / (double)Math.Max(users, 2 * turns):0.0} KiB a user");
        await MeasureAsync(cloud, client, ct);
        await RestartAsync(cloud, ct);
    }

    private static async Task MeasureAsync(Cloud cloud, KubeClient client, CancellationToken ct)
    {
        using var services = Open(cloud, null);
        await SignInAsync(services, "turn-0", Password, 0, ct);
        Figures.Row("sign-in", await RepeatAsync(50, i => SignInAsync(services, "turn-1", Password, i, ct), ct), "ms");
        Figures.Row("a wrong password: hashing, and nothing else", await RepeatAsync(50, i => SignInAsync(services, "turn-2", "wrong words here", i, ct), ct), "ms", "aim: sign-in p95 < 200 beside this");
        using var admin = Open(cloud, await TokenAsync(client, "admin", ct));
        foreach (var path in new[] { "users?limit=50", "users?limit=50&search=rest-99", "users?limit=50&sort=-created", "workspaces?limit=50", "workspaces?limit=50&search=turn-1" })
        {
            Figures.Row($"page of {path}", await RepeatAsync(50, _ => admin.GetStringAsync("operator/" + path, ct), ct), "ms", "aim < 100");
        }

        Figures.Row("change of a role until the API follows", await RolesAsync(client, ct), "ms", "aim p95 < 1000");
    }

    private static async Task<List<double>> MakeAsync(KubeClient client, string prefix, int count, int together, CancellationToken ct)
    {
        var samples = new double[count];
        var accounts = new UserAccounts(client);
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = together, CancellationToken = ct }, async (i, token) =>
        {
            var start = TimeProvider.System.GetTimestamp();
            await accounts.CreateAsync($"{prefix}-{i}", null, null, token);
            while ((await client.FindAsync<User>(null, $"{prefix}-{i}", token))?.Status?.Phase != "Active")
            {
                await Task.Delay(5, token);
            }

            samples[i] = TimeProvider.System.GetElapsedTime(start).TotalMilliseconds;
        });

        // Hashing is no part of what is measured.
        foreach (var name in Enumerable.Range(0, prefix == "turn" ? Math.Min(3, count) : 0))
        {
            await SetPasswordAsync(client, $"{prefix}-{name}", ct);
        }

        return [.. samples];
    }

    // As the program itself makes one; the hash is made by it, too.
    private static async Task SetPasswordAsync(KubeClient client, string user, CancellationToken ct)
    {
        var donor = $"{user}-p";
        await new UserAccounts(client).CreateAsync(donor, null, Password, ct);
        var hash = await client.GetAsync<Secret>(UserDirectory.AccountsNamespace, $"sealos-password-{donor}", ct);
        await client.CreateAsync(
            new Secret
            {
                Metadata = new ObjectMeta { Name = $"sealos-password-{user}", Namespace = UserDirectory.AccountsNamespace, Labels = new Dictionary<string, string> { [UserKeys.Owner] = user } },
                Type = hash.Type,
                Data = hash.Data,
            },
            ct);
    }

    private static async Task<List<double>> RolesAsync(KubeClient client, CancellationToken ct)
    {
        var labels = new Dictionary<string, string> { [UserKeys.Type] = UserKeys.TypeGroup, [UserKeys.Owner] = "turn-0" };
        await client.CreateAsync(new User { Metadata = new ObjectMeta { Name = "team", Labels = labels } }, ct);
        using var callers = new KubeClientSource(client.Config);
        using var member = callers.For(await TokenAsync(client, "turn-1", ct));
        return await RepeatAsync(50, async i =>
        {
            var isGrant = i % 2 == 0;
            await client.CreateAsync(
                new Operationrequest
                {
                    Metadata = new ObjectMeta { Name = $"bench-{i}", Namespace = UserDirectory.AccountsNamespace },
                    Spec = new OperationrequestSpec { Namespace = "ns-team", User = "turn-1", Role = "Developer", Action = isGrant ? "Grant" : "Deprive" },
                },
                ct);
            while (await MayAsync(member, ct) != isGrant)
            {
                await Task.Delay(2, ct);
            }
        }, ct);
    }

    private static async Task<bool> MayAsync(KubeClient member, CancellationToken ct)
    {
        try
        {
            await member.ListAsync<Pod>("ns-team", null, ct);
            return true;
        }
        catch (ApiException e) when (e.Code == 403)
        {
            return false;
        }
    }

    private static async Task RestartAsync(Cloud cloud, CancellationToken ct)
    {
        await cloud.SealosAsync(["down"], ct).OutputAsync();
        var start = TimeProvider.System.GetTimestamp();
        await cloud.UpAsync(ct).OutputAsync();
        Console.WriteLine($"'sealos up' with all of them: {TimeProvider.System.GetElapsedTime(start).TotalSeconds:0.0} s");
        using var client = await cloud.ConnectAsync(ct);
        using var admin = Open(cloud, await TokenAsync(client, "admin", ct));
        for (var isThere = false; !isThere; await Task.Delay(Pace, ct))
        {
            using var answer = await admin.GetAsync("operator/users?limit=1", ct);
            isThere = answer.IsSuccessStatusCode && (int)JsonNode.Parse(await answer.Content.ReadAsStringAsync(ct))!["total"]! > 0;
        }

        Console.WriteLine($"until the operator finds users again: {TimeProvider.System.GetElapsedTime(start).TotalSeconds:0.0} s");
        using var services = Open(cloud, null);
        await SignInAsync(services, "turn-0", Password, 999, ct);
        Console.WriteLine($"until somebody has signed in: {TimeProvider.System.GetElapsedTime(start).TotalSeconds:0.0} s");
    }

    private static async Task<List<double>> RepeatAsync(int count, Func<int, Task> act, CancellationToken ct)
    {
        var samples = new List<double>();
        for (var i = 0; i < count; i++)
        {
            var start = TimeProvider.System.GetTimestamp();
            await act(i);
            samples.Add(TimeProvider.System.GetElapsedTime(start).TotalMilliseconds);
            await Task.Delay(Pace, ct);
        }

        return samples;
    }

    // Each from a network of its own, as many people are; the gateway says where somebody comes from.
    private static async Task SignInAsync(HttpClient services, string user, string password, int from, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "sign-in") { Content = JsonContent.Create(new { user, password }) };
        request.Headers.Add("X-Forwarded-For", $"203.{from / 250}.113.{(from % 250) + 1}");
        using var answer = await services.SendAsync(request, ct);
        if (answer.StatusCode != (password == Password ? HttpStatusCode.OK : HttpStatusCode.Unauthorized))
        {
            throw new InvalidOperationException($"sign-in as {user} was answered {answer.StatusCode}: {await answer.Content.ReadAsStringAsync(ct)}");
        }
    }

    private static async Task<string> TokenAsync(KubeClient client, string user, CancellationToken ct)
    {
        var request = new TokenRequest { ApiVersion = "authentication.k8s.io/v1", Kind = "TokenRequest", Spec = new TokenRequestSpec { ExpirationSeconds = 7200 } };
        return (await client.PostAsync<TokenRequest, TokenRequest>(ServiceAccount.KubeKind.Path(UserDirectory.AccountsNamespace, user, "token"), request, ct)).Status!.Token!;
    }

    // By the socket that the gateway uses.
    private static HttpClient Open(Cloud cloud, string? token)
    {
        var http = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = async (_, ct) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(cloud.RunFolder, "services", "api.sock")), ct);
                return new NetworkStream(socket, ownsSocket: true);
            },
        }) { BaseAddress = new Uri("http://services/api/v1/") };
        http.DefaultRequestHeaders.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        return http;
    }
}

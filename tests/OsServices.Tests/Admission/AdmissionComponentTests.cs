using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.Kinds.Node;
using Sealos.OsServices.Admission;
using Sealos.OsServices.SignIn;
using Sealos.OsServices_Tests.Users;
using Xunit;

namespace Sealos.OsServices_Tests.Admission;

/// <summary>The webhook behind the real API server.</summary>
public sealed class AdmissionComponentTests(UsersFixture fixture) : IClassFixture<UsersFixture>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WhatTheKernelWrites_IsNotAskedAbout_AndPodsAreWhatTheSettingsSayNow()
    {
        await using var admission = new AdmissionComponent(Writes.Options, fixture.Client, TimeProvider.System, NullLoggerFactory.Instance);
        await admission.StartAsync(Ct);
        await fixture.MakeAsync("joe");
        using var joe = await fixture.SignInAsync("joe");
        await UsersFixture.EventuallyAsync("a pod", async () => await TryAsync(() => joe.CreateAsync(NewPod("p"), Ct)) is null);
        var pod = await joe.GetAsync<Pod>("ns-joe", "p", Ct);
        Assert.Equal(("workspace", -1, null), (pod.Spec!.PriorityClassName, pod.Spec.Priority, pod.Spec.RuntimeClassName));

        var asked = admission.Asked;
        for (var i = 0; i < 10; i++)
        {
            await fixture.Client.PatchAsync<Pod>("ns-joe", "p", State(i), "status", Ct);
        }

        Assert.Equal(asked, admission.Asked);
        Assert.Contains("written by the cloud alone", (await TryAsync(() => joe.PatchAsync<Pod>("ns-joe", "p", State(99), "status", Ct)))?.Message, StringComparison.Ordinal);
        Assert.Equal(asked + 1, admission.Asked);

        // Strangers may come: no pod without gVisor, and each with it once it is there.
        var signIn = new SignInConfiguration(fixture.Client);
        await signIn.SetAsync(SignUpMode.Open, null, Ct);
        var tries = 0;
        await UsersFixture.EventuallyAsync("pods being refused", async () => (await TryAsync(() => joe.CreateAsync(NewPod($"q{tries++}"), Ct)))?.Message.Contains("sealos component add gvisor", StringComparison.Ordinal) == true);
        await fixture.Client.CreateAsync(new RuntimeClass { Metadata = new ObjectMeta { Name = "gvisor" }, Handler = "runsc" }, Ct);
        await UsersFixture.EventuallyAsync("pods in gVisor", async () => await TryAsync(() => joe.CreateAsync(NewPod("r"), Ct)) is null);
        pod = await joe.GetAsync<Pod>("ns-joe", "r", Ct);
        Assert.Equal(("gvisor", "Always"), (pod.Spec!.RuntimeClassName, pod.Spec.Containers!.Single().ImagePullPolicy));

        // Closed again: who was here before is trusted again.
        await signIn.SetAsync(SignUpMode.Off, null, Ct);
        await UsersFixture.EventuallyAsync("pods as before", async () =>
            (await joe.CreateAsync(NewPod($"s{tries++}"), Ct)).Spec is { RuntimeClassName: null } spec && spec.Containers!.Single().ImagePullPolicy == "IfNotPresent");
        await admission.StopAsync(Ct);
    }

    private static JsonObject State(int i) => new() { ["status"] = new JsonObject { ["message"] = $"state {i}" } };

    private static Pod NewPod(string name) => new()
    {
        Metadata = new ObjectMeta { Name = name, Namespace = "ns-joe" },
        Spec = new PodSpec { Containers = [new Container { Name = "c", Image = "registry.example.com/x:1", ImagePullPolicy = "IfNotPresent" }] },
    };

    private static async Task<ApiException?> TryAsync(Func<Task> act)
    {
        try
        {
            await act();
            return null;
        }
        catch (ApiException e)
        {
            return e;
        }
    }
}

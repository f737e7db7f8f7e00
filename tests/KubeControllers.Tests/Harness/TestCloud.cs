using Sealos.ControllerKit.Client;
using Sealos.Kinds;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.Kinds.Storage;
using Sealos.KubeControllers;
using Xunit;

namespace Sealos.KubeControllers_Tests.Harness;

/// <summary>The API server, all controllers and one node, shared by the tests of a class; each test takes a namespace of its own.</summary>
public sealed class TestCloud : IAsyncLifetime
{
    private TestServer? _server;
    private KubeControllersComponent? _controllers;
    private FakeNodeAgent? _agent;
    private FakeProvisioner? _provisioner;

    public TestServer Server => _server!;

    public KubeClient Client => _server!.Client;

    internal FakeNodeAgent Agent => _agent!;

    public async ValueTask InitializeAsync()
    {
        var ct = TestContext.Current.CancellationToken;
        _server = await TestServer.StartAsync(ct);
        _controllers = new KubeControllersComponent(new KubeControllersOptions { RootCertificatePem = _server.RootPem, Sign = _server.Sign, AutoscalerPeriod = TimeSpan.FromMilliseconds(300) }, Client, _server.Loggers, TimeProvider.System);
        await _controllers.StartAsync(ct);
        _agent = await FakeNodeAgent.StartAsync(_server, "n1", ct);
    }

    public async ValueTask DisposeAsync()
    {
        await (_provisioner?.DisposeAsync() ?? ValueTask.CompletedTask);
        await _agent!.DisposeAsync();
        await _controllers!.DisposeAsync();
        await _server!.DisposeAsync();
    }

    /// <summary>A new namespace, ready for pods.</summary>
    public async Task<string> NamespaceAsync()
    {
        var ct = TestContext.Current.CancellationToken;
        var ns = await Client.CreateAsync(new Namespace { Metadata = new ObjectMeta { GenerateName = "t-" } }, ct);
        await EventuallyAsync(async () => Assert.NotNull(await Client.FindAsync<ServiceAccount>(ns.Metadata.Name, "default", ct)));
        return ns.Metadata.Name!;
    }

    /// <summary>A storage class of the namespace's name, whose claims get volumes as soon as somebody is asked for them.</summary>
    public async Task ProvisionAsync(string ns, string bindingMode = "Immediate", string reclaimPolicy = "Delete")
    {
        var ct = TestContext.Current.CancellationToken;
        _provisioner ??= FakeProvisioner.Start(Server);
        var storageClass = new StorageClass { Metadata = new ObjectMeta { Name = ns }, Provisioner = FakeProvisioner.Name, VolumeBindingMode = bindingMode, ReclaimPolicy = reclaimPolicy, AllowVolumeExpansion = true };
        await Client.CreateAsync(storageClass, ct);
    }

    /// <summary>Tries until the assertions hold, and shows the last failure when they do not within some seconds.</summary>
    public static async Task EventuallyAsync(Func<Task> assertions, int seconds = 60)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                await assertions();
                return;
            }
            catch (Exception e) when (e is Xunit.Sdk.IAssertionException or ApiException && TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(seconds))
            {
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }
        }
    }

    /// <summary>Nothing is written any more: every reconciler that runs again finds nothing to do.</summary>
    public async Task AssertQuietAsync()
    {
        var ct = TestContext.Current.CancellationToken;
        await EventuallyAsync(async () =>
        {
            var before = await RevisionAsync(ct);
            await Task.Delay(400, ct);
            Assert.Equal(before, await RevisionAsync(ct));
        });
    }

    public async Task<List<T>> ListAsync<T>(string ns, string? selector = null)
        where T : class, IKubeObject<T>, new() =>
        (await Client.ListAsync<T>(ns, new ListQuery { LabelSelector = selector }, TestContext.Current.CancellationToken)).Items;

    private async Task<string?> RevisionAsync(CancellationToken ct) =>
        (await Client.ListAsync<Namespace>(null, null, ct)).Metadata.ResourceVersion;
}

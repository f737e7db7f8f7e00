using Microsoft.Extensions.Logging.Abstractions;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Xunit;

namespace Sealos.ControllerKit_Tests.Caching;

public sealed class InformerFactoryTests : IAsyncDisposable
{
    private readonly KubeClient _client = new(new KubeConfig { Server = new Uri("https://127.0.0.1:1") });
    private readonly InformerFactory _factory;

    public InformerFactoryTests() => _factory = new InformerFactory(_client, NullLoggerFactory.Instance);

    public async ValueTask DisposeAsync()
    {
        await _factory.DisposeAsync();
        _client.Dispose();
    }

    [Fact]
    public async Task Share_LastUserGone_InformerIsForgotten()
    {
        var one = _factory.Share();
        var two = _factory.Share();
        var pods = one.For<Pod>();
        Assert.Same(pods, two.For<Pod>());

        await one.DisposeAsync();
        var three = _factory.Share();
        Assert.Same(pods, three.For<Pod>());

        await two.DisposeAsync();
        await three.DisposeAsync();
        Assert.NotSame(pods, _factory.For<Pod>());
    }

    [Fact]
    public async Task Share_AskedForTwice_IsOneUse()
    {
        var pods = _factory.For<Pod>();
        var share = _factory.Share();
        share.For<Pod>();
        share.For<Pod>();

        await share.DisposeAsync();

        Assert.Same(pods, _factory.For<Pod>());
    }

    [Fact]
    public async Task Share_OfARunningFactory_StopsFollowingWhenItsUserIsGone()
    {
        _factory.Start();
        var share = _factory.Share();
        share.For<Pod>();

        await share.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
    }
}

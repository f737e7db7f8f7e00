using Microsoft.Extensions.Hosting;
using Sealos.Host.Components;
using Xunit;

namespace Sealos.Host_Tests.Components;

public sealed class ServiceGroupTests
{
    private readonly List<string> _events = [];

    [Fact]
    public async Task StopAndDispose_OneThrows_TheOthersHaveTheirTurn_AndItIsTold()
    {
        var group = new ServiceGroup(new Part(_events, isBroken: true), new Part(_events, isBroken: false));

        await Assert.ThrowsAsync<InvalidOperationException>(() => group.StopAsync(TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<AggregateException>(async () => await group.DisposeAsync());

        Assert.Equal(["stop", "dispose"], _events);
    }

    private sealed class Part(List<string> events, bool isBroken) : IHostedService, IDisposable
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken)
        {
            Tell("stop");
            return Task.CompletedTask;
        }

        public void Dispose() => Tell("dispose");

        private void Tell(string what)
        {
            if (isBroken)
            {
                throw new InvalidOperationException("broken");
            }

            events.Add(what);
        }
    }
}

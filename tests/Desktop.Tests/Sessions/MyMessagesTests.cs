using Sealos.Desktop.Sessions;
using Sealos.Kinds.Meta;
using Sealos.OsServices.Notifications;
using Xunit;

namespace Sealos.Desktop_Tests.Sessions;

public sealed class MyMessagesTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void OwnAndAnnounced_AreOneList_TheLatestFirst_WithoutWhatIsOver()
    {
        var own = new Notification
        {
            Metadata = new ObjectMeta { Name = "own" },
            Spec = new NotificationSpec { Title = "Yours", Message = "m", From = "Sealos", Timestamp = Noon.ToUnixTimeSeconds() },
        };
        NotificationView Announced(string id, int minutes, DateTimeOffset? until) => new(id, NotificationView.Everybody, id, "m", null, null, Noon.AddMinutes(minutes), until, false);

        var all = MyMessages.Join([own], [Announced("earlier", -5, null), Announced("over", 1, Noon.AddMinutes(2)), Announced("later", 5, Noon.AddHours(1))], Noon.AddMinutes(2));

        Assert.Equal([("later", "everybody"), ("own", "own"), ("earlier", "everybody")], all.Select(m => (m.Id, m.Scope)));
    }
}

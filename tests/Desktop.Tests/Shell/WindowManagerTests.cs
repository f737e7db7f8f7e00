using Sealos.Desktop.Shell;
using Xunit;

namespace Sealos.Desktop_Tests.Shell;

public sealed class WindowManagerTests
{
    private readonly WindowManager _manager = new(new PageApps(DesktopAppSet.Full())) { Area = (1440, 860) };

    [Fact]
    public void Show_AnAddress_OpensItsWindowInFront()
    {
        Assert.True(_manager.Show("/launchpad/app/web"));

        Assert.Equal("/launchpad/app/web", _manager.Address);
        Assert.Equal(960, _manager.Front!.Rect.Width);
    }

    [Fact]
    public void Show_TheSameApplicationTwice_GoesOnInItsWindow()
    {
        _manager.Show("/launchpad");
        _manager.Show("/launchpad/new");

        Assert.Single(_manager.Windows);
        Assert.Equal("/launchpad/new", _manager.Address);
    }

    [Theory]
    [InlineData("/nothing")]
    [InlineData("/")]
    [InlineData("//evil.example")]
    public void Show_WhatNoApplicationHas_IsRefused(string address) => Assert.False(_manager.Show(address));

    [Fact]
    public void LeaveWorkspace_ShowsNothingOfTheOldOne()
    {
        _manager.Show("/account/sessions");
        _manager.Show("/launchpad/app/web");

        _manager.LeaveWorkspace();

        Assert.Equal(["/account/sessions", "/launchpad"], _manager.Windows.Select(w => w.Address));
    }

    [Fact]
    public void Minimize_TheFrontWindow_LeavesTheDesktopInFront()
    {
        _manager.Show("/launchpad");
        _manager.Minimize(_manager.Front!);

        Assert.Null(_manager.Front);
        Assert.Equal("/", _manager.Address);
    }

    [Fact]
    public void Open_AMinimizedApplication_ComesBackWhereItWas()
    {
        _manager.Show("/launchpad/new");
        var window = _manager.Front!;
        _manager.Minimize(window);
        _manager.Open(window.App);

        Assert.Same(window, _manager.Front);
        Assert.Equal("/launchpad/new", _manager.Address);
    }

    [Fact]
    public void Place_Twice_IsUndone()
    {
        _manager.Show("/launchpad");
        _manager.Place(_manager.Front!, "left");
        Assert.Equal("left", _manager.Front!.Place);

        _manager.Place(_manager.Front!, "left");
        Assert.Equal(OpenWindow.Normal, _manager.Front!.Place);
    }

    [Fact]
    public void Place_Unknown_ChangesNothing()
    {
        _manager.Show("/launchpad");
        _manager.Place(_manager.Front!, "\" onload=x");

        Assert.Equal(OpenWindow.Normal, _manager.Front!.Place);
    }

    [Fact]
    public void Move_OutOfSight_KeepsTheTitleBarWithinReach()
    {
        _manager.Show("/launchpad");
        _manager.Move(_manager.Front!, new WindowRect(-5000, 9000, 10, 10));

        var rect = _manager.Front!.Rect;
        Assert.True(rect.X + rect.Width >= 80);
        Assert.InRange(rect.Y, 0, 860 - 48);
        Assert.True(rect is { Width: >= 320, Height: >= 240 });
    }

    [Fact]
    public void Resize_ToASmallerDesktop_BringsWindowsBackIntoReach()
    {
        _manager.Show("/launchpad");
        _manager.Move(_manager.Front!, new WindowRect(1300, 700, 700, 500));

        _manager.Resize(800, 600);

        Assert.True(_manager.Front!.Rect is { X: <= 720, Y: <= 552 });
    }

    [Fact]
    public void Resize_ToAPhoneAndBack_LeavesSizesAsTheyWere()
    {
        _manager.Show("/launchpad");
        var before = _manager.Front!.Rect;

        _manager.Resize(390, 800);
        _manager.Resize(1440, 856);

        Assert.Equal(before, _manager.Front!.Rect);
    }

    [Fact]
    public void MinimizeAll_LeavesTheDesktop()
    {
        _manager.Show("/launchpad");
        _manager.MinimizeAll();

        Assert.Equal("/", _manager.Address);
    }

    [Fact]
    public void Restore_WhatWasSaved_BringsTheWindowsBack()
    {
        _manager.Show("/launchpad/app/web/logs");
        _manager.Move(_manager.Front!, new WindowRect(40, 50, 700, 500));
        var other = new WindowManager(new PageApps(DesktopAppSet.Full())) { Area = (1440, 860) };

        other.Restore(_manager.Save());

        Assert.Equal("/launchpad/app/web/logs", other.Address);
        Assert.Equal(new WindowRect(40, 50, 700, 500), other.Front!.Rect);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("not json")]
    [InlineData("[null]")]
    [InlineData("[{\"App\":\"evil\",\"Rect\":{}}]")]
    [InlineData("[{\"App\":\"launchpad\",\"Path\":null,\"Rect\":null}]")]
    public void Restore_DamagedText_OpensNothing(string? text)
    {
        _manager.Restore(text);

        Assert.Empty(_manager.Windows);
    }
}

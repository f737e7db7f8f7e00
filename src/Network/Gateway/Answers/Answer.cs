namespace Sealos.Network.Gateway.Answers;

/// <summary>An answer of the gateway's own, in plain words: what is the matter and what a visitor can do.</summary>
internal sealed record Answer(int Status, string Reason, string Title, string Text)
{
    public static readonly Answer BadRequest = new(400, "BadRequest", "This request makes no sense", "Something about the request is malformed, so it was not passed on.");

    public static readonly Answer Forbidden = new(403, "Forbidden", "Not from here", "This app accepts visitors from certain networks only, and yours is not one of them.");

    public static readonly Answer NoApp = new(404, "NoApp", "There is no app at this address", "Check the address for a typing error. If the app was created a moment ago, try again in a few seconds.");

    public static readonly Answer NoPath = new(404, "NoPath", "Nothing here", "The app at this address serves other paths, but not this one.");

    public static readonly Answer MethodNotAllowed = new(405, "MethodNotAllowed", "This method is not allowed", "The gateway does not pass on requests of this kind.");

    public static readonly Answer BodyTooSlow = new(408, "BodyTooSlow", "The upload was too slow", "The data stopped arriving before it was complete. Please try again.");

    public static readonly Answer BodyTooLarge = new(413, "BodyTooLarge", "That is too large", "The upload is larger than this app accepts.");

    public static readonly Answer Closed = new(502, "Closed", "The app broke off", "The app closed the connection before it gave an answer. It may be restarting; try again in a moment.");

    public static readonly Answer Unreachable = new(502, "Unreachable", "The app does not answer", "The app is running but accepts no connections on its port. Its owner should check that it listens on the port that was set.");

    public static readonly Answer NotReady = new(503, "NotReady", "The app is not ready", "The app is here, but none of its instances is ready to answer. It may be starting; this page is worth another try in a few seconds.");

    public static readonly Answer Missing = new(503, "Missing", "The app behind this address is missing", "The address is set up, but the app or the port it leads to does not exist.");

    public static readonly Answer Foreign = new(503, "Foreign", "This address leads outside", "The address is set up to lead outside of this cloud, which is not allowed.");

    public static readonly Answer Refused = new(503, "Refused", "The app is not served", "The address asks for a kind of protection that this gateway does not offer, so the app is kept closed. Its owner finds the reason among the app's events.");

    public static readonly Answer Paused = new(503, "Paused", "The app is paused", "Its owner has paused this app. It answers again once it is started.");

    public static readonly Answer Busy = new(503, "Busy", "Too much at once", "The gateway is handling as many requests as it can. Please try again in a moment.");

    public static readonly Answer Starting = new(503, "Starting", "One moment", "The gateway is starting and does not know all addresses yet. Please try again in a few seconds.");

    public static readonly Answer NoDesktop = new(503, "NoDesktop", "The desktop is not there", "It may be starting. If it was removed from this cloud, whoever runs the cloud can add it again.");

    public static readonly Answer TimedOut = new(504, "TimedOut", "The app took too long", "The app did not answer in time. It may be busy; try again in a moment.");

    /// <summary>Whether trying again soon may help.</summary>
    public bool IsPassing => Status == 503 && Reason is not ("Foreign" or "Refused" or "Missing");
}

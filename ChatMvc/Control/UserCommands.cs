using System.CommandLine;
using ChatMvc.Accounts;
using ChatMvc.Shared;
using ChatMvc.Sms;

namespace ChatMvc.Control;

internal static class UserCommands
{
    public static Command Create() => new("user", "The people who use it.") { Invite() };

    private static Command Invite()
    {
        var phone = new Argument<string>("PHONE") { Description = "The number, with its country code, such as +12125550100." };
        return new Command("invite", "Lets a number sign up where SignUp:Mode is invited.") { phone }
            .Does((typed, settings) => InviteAsync(typed.GetRequiredValue(phone), settings));
    }

    private static async Task<int> InviteAsync(string typed, string[] settings)
    {
        var builder = Program.CreateBuilder(settings);
        var countries = SmsCountries.From(Settings.Read<SmsSettings>(builder.Configuration), twilioIsSandbox: false);
        if (!PhoneNumber.TryParse(typed, countries.DefaultCallingCode, out var number))
            return await CommandLine.RefuseAsync("That is not a phone number. Type it with its country code, such as +12125550100.", CommandLine.TypedWrongly);
        var answer = await ControlClient.AskAsync(builder, new ControlRequest(ControlCommands.InviteUser, number.Value.ToString()));
        return answer.Done ? await CommandLine.SayAsync(answer.Words) : await CommandLine.RefuseAsync(answer.Words, CommandLine.CannotBeDone);
    }
}

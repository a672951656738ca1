"""Names of columns that may fill a role where their values agree (etl/formats/likely_columns.py).

Plain names, as etl/formats/field_map.py makes them: without case and punctuation.
"""

from collections.abc import Mapping

# Role → plain names, most telling first.
NAMES: Mapping[str, tuple[str, ...]] = {
    "user_id": (
        *("userpseudoid", "fullvisitorid", "username", "useremail", "userguid", "useruuid"),
        *("userkey", "userno", "usernumber", "userlogin", "uname", "usr", "usrid", "login"),
        *("loginid", "loginname", "email", "emailaddress", "mail", "account", "accountid"),
        *("accountname", "customer", "customeruuid", "customerkey", "customernumber", "customerno"),
        *("cust", "custid", "clientnumber", "visitor", "member", "person", "subscriber"),
        *("subscriberid", "profileid", "playerid", "student", "studentid", "learner", "learnerid"),
        *("employee", "employeeid", "patientid", "driverid", "riderid", "buyer", "buyerid"),
        *("shopper", "shopperid", "viewerid", "readerid", "listenerid", "participant"),
        *("participantid", "bidder", "bidderid", "householdid", "householdkey", "cardid"),
        *("msisdn", "nickname", "sender", "senderid", "steamid", "actor", "actorid", "orgresource"),
        *("caseconceptname", "caseid", "benutzer", "benutzername", "benutzerid", "nutzer"),
        *("nutzerid", "kunde", "kundennummer", "utilisateur", "usuario"),
    ),
    "time": (
        *("eventdatetime", "eventdate", "eventts", "eventtimeutc", "eventtimestamputc", "when"),
        *("eventtimestampms", "timestampms", "timestampmillis", "timestampus", "timestamputc"),
        *("timetimestamp", "utctimestamp", "utctime", "utc", "datetimeutc", "dateandtime"),
        *("timems", "epoch", "epochms", "epochtime", "unixtime", "unixtimestamp", "dt", "dttm"),
        *("datestamp", "timelocal", "localtime", "happenedat", "occurred", "occurredon"),
        *("occurredtime", "loggedat", "logtime", "logdate", "logtimestamp", "recordedat"),
        *("hittime", "hittimestamp", "servertime", "servertimestamp", "clienttime", "clientts"),
        *("clienttimestamp", "requesttime", "requesttimestamp", "visittime", "visitdate"),
        *("visitedat", "viewtime", "viewedat", "viewdate", "clicktime", "clickedat", "playedat"),
        *("watchedat", "listenedat", "accesstime", "accessedat", "accessdate", "logintime"),
        *("loginat", "logindate", "actiontime", "actiondate", "activitytime", "activitydate"),
        *("createdat", "creationdate", "createdon", "created", "createddate", "createdtime"),
        *("creationtime", "createtime", "postedat", "postdate", "publishedat", "submittedat"),
        *("sentat", "orderdate", "ordertime", "orderedat", "purchasedate", "purchasetime"),
        *("purchasedat", "transactiondate", "transactiontime", "invoicedate", "saledate"),
        *("startedat", "starttime", "start", "startdate", "receivedat", "endtime", "endedat"),
        *("completetimestamp", "measuredat", "datum", "zeit", "zeitpunkt", "zeitstempel", "fecha"),
    ),
    "type": (
        *("eventaction", "eventkind", "activity", "activityname", "activitytype", "actionname"),
        *("actiontype", "useraction", "interaction", "interactiontype", "behavior", "behaviour"),
        *("behaviortype", "behaviourtype", "conceptname", "operation", "operationname", "verb"),
        *("eventcode", "eventlabel", "eventcategory", "aktion", "ereignis", "accion", "evento"),
    ),
    "url": (
        *("pagelocation", "pagename", "webpage", "requesturi", "requesturl", "request", "uri"),
        *("fullurl", "documentlocation", "documentpath", "landingpage", "screen", "screenname"),
        *("viewname", "route", "visitedurl", "visitedpage", "location", "href"),
    ),
}
# Whose last words tell as much: buyer_email, tracking_user_id.
USER_ENDINGS = (
    *("userid", "username", "useruuid", "userguid", "customerid", "accountid", "memberid"),
    *("visitorid", "playerid", "studentid", "email", "login"),
)
